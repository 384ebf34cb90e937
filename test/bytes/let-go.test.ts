/** A mount that died says so once more when its files are closed (SFTP): that is nobody's trouble. */

import fs, { readdirSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { expect } from 'chai'
import { openPart, openSource } from '../../bytes/index.js'
import { Folder } from './folder.js'

const openFiles = () => readdirSync('/proc/self/fd').length

describe('closing files of which the file system says that it is gone', () => {
  const { closeSync } = fs
  let folder: Folder

  beforeEach(() => {
    folder = new Folder()
    folder.file('source', 10_000)
  })
  afterEach(() => {
    Object.assign(fs, { closeSync })
    syncBuiltinESMExports()
    folder.remove()
  })

  it('leaves none of them open, and fails nothing', async function () {
    if (process.platform !== 'linux') this.skip()
    const before = openFiles()
    const source = await openSource(folder.at('source'))
    await source.writtenBack()
    const transfer = { sid: 's', peer: 'p', filename: 'f', filesize: 10_000 }
    const part = await openPart({ dir: folder.inbox, transfer })
    const complaining = (fd: number) => {
      closeSync(fd)
      throw Object.assign(new Error('ENOTCONN'), { code: 'ENOTCONN' })
    }
    Object.assign(fs, { closeSync: complaining })
    syncBuiltinESMExports()
    source.close()
    await part.close()
    expect(openFiles()).to.equal(before)
  })
})
