/** A disk whose inodes have another number each time it is mounted: FAT, exFAT, and what programs mount. */

import fs, { appendFileSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { expect } from 'chai'
import { dropPart, openPart, openSource, sourceUnchanged } from '../../bytes/index.js'
import { attempt } from './attempt.js'
import { Folder } from './folder.js'

const filesize = 10_000
const transfer = { sid: 's', peer: 'p', filename: 'f', filesize }
const fat = 0x4d44
const ext4 = 0xef53

describe('on a file system that does not keep the numbers of inodes', () => {
  const { statfsSync } = fs
  let folder: Folder

  const isOf = (type: number) => {
    fs.statfsSync = ((path: string) => ({ ...statfsSync(path), type })) as typeof statfsSync
    syncBuiltinESMExports()
  }
  beforeEach(() => {
    folder = new Folder()
    folder.file('source', filesize)
    isOf(fat)
  })
  afterEach(() => {
    fs.statfsSync = statfsSync
    syncBuiltinESMExports()
    folder.remove()
  })

  it('a source that was offered is the same when it is mounted again, as long as size and time are (case 96)', async () => {
    const path = folder.at('source')
    const source = await openSource(path)
    const offered = { ...source.identity, ino: '7' }
    expect(await sourceUnchanged(offered, path)).to.equal(true)
    const part = await openPart({ dir: folder.inbox, transfer })
    const { failed, root } = await attempt(source, part, { serve: { identity: offered } })
    expect({ failed, isProven: root !== undefined }).to.deep.equal({ failed: undefined, isProven: true })
    await part.discard()
    source.close()
    appendFileSync(path, 'x')
    expect(await sourceUnchanged(offered, path)).to.equal(false)
  })

  it('what an ended transfer left is removed', async () => {
    const part = await openPart({ dir: folder.inbox, transfer })
    await part.close()
    const noted = { path: part.path, ino: '7' }
    isOf(ext4)
    expect(dropPart(noted)).to.equal('alien')
    isOf(fat)
    expect(dropPart(noted)).to.equal('dropped')
    expect(folder.received).to.deep.equal([])
  })
})
