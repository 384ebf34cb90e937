/** A disk whose inodes have another number each time it is mounted: FAT, exFAT, and what programs mount. */

import fs, { appendFileSync, type BigIntStats, linkSync, renameSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { expect } from 'chai'
import {
  dropPart,
  openPart,
  openSource,
  type PartFile,
  place,
  recoverPlaced,
  sourceUnchanged,
} from '../../bytes/index.js'
import { attempt } from './attempt.js'
import { Folder } from './folder.js'

const filesize = 10_000
const transfer = { sid: 's', peer: 'p', filename: 'f', filesize }
const fat = 0x4d44
const ext4 = 0xef53

describe('on a file system that does not keep the numbers of inodes', () => {
  const { linkSync: link, lstatSync, statfsSync } = fs
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
    Object.assign(fs, { linkSync: link, lstatSync, statfsSync })
    syncBuiltinESMExports()
    folder.remove()
  })

  /** Each name that is not hidden has a number of its own, and is the only one, as SFTP has it. */
  const eachNameHasItsOwn = () => {
    const look = (...given: Parameters<typeof lstatSync>) => {
      const stats = lstatSync(...given) as BigIntStats | undefined
      if (typeof stats?.ino !== 'bigint') return stats
      stats.nlink = 1n
      if (!/\/\.[^/]*$/.test(String(given[0]))) stats.ino += 1_000_000_000n
      return stats
    }
    Object.assign(fs, { lstatSync: look })
    syncBuiltinESMExports()
  }

  async function received(): Promise<{ part: PartFile; root: Uint8Array }> {
    const source = await openSource(folder.at('source'))
    const part = await openPart({ dir: folder.inbox, transfer })
    const { root } = await attempt(source, part)
    source.close()
    eachNameHasItsOwn()
    return { part, root: root! }
  }

  it('a file is put in its place though its new name has a number of its own', async () => {
    const { part, root } = await received()
    await place(part, { dir: folder.inbox, filename: 'f', root })
    expect(folder.received).to.deep.equal(['f'])
  })

  it('what was swapped for the part file just then is not published for all that (case 89, P1)', async () => {
    const { part, root } = await received()
    folder.file('inbox/other', filesize, 2)
    const swapAndLink: typeof link = (from, to) => {
      renameSync(part.path, folder.at('inbox/ours'))
      renameSync(folder.at('inbox/other'), part.path)
      link(from, to)
    }
    Object.assign(fs, { linkSync: swapAndLink })
    syncBuiltinESMExports()
    const failed = await place(part, { dir: folder.inbox, filename: 'f', root }).catch(({ code }) => code)
    expect(failed).to.equal('part-lost')
    expect(folder.received).to.not.include('f')
    await part.close()
  })

  it('a placing that was cut off behind its name is finished, and leaves one file (case 93)', async () => {
    const { part, root } = await received()
    part.ledger.placing(root)
    await part.close()
    linkSync(part.path, folder.at('inbox/f'))
    const known = { part: part.path, dir: folder.inbox, filename: 'f', filesize, root }
    expect(await recoverPlaced(known)).to.deep.equal({ path: folder.at('inbox/f') })
    expect(folder.received).to.deep.equal(['f'])
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
