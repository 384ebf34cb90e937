/** How much room a file system says it has. */

import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { expect } from 'chai'
import { openPart, spaceBytes } from '../../bytes/index.js'
import { state } from '../../client-plugin/diagnosis/machine-legs.js'
import { demandRoom } from '../../client-plugin/proposal/destination.js'
import { Folder } from './folder.js'

const filesize = 10_000
const transfer = { sid: 's', peer: 'p', filename: 'f', filesize }

describe('room for a file', () => {
  const { statfsSync } = fs
  let folder: Folder

  const has = (blocks: number, bavail: number, type = 0xef53) => {
    const seen = { type, blocks, bavail, bsize: 4_096 }
    Object.assign(fs, { statfsSync: (path: string) => ({ ...statfsSync(path), ...seen }) })
    syncBuiltinESMExports()
  }
  beforeEach(() => {
    folder = new Folder()
  })
  afterEach(() => {
    Object.assign(fs, { statfsSync })
    syncBuiltinESMExports()
    folder.remove()
  })

  const demand = () => demandRoom(folder.inbox, filesize, filesize, { maxFileBytes: filesize })
  const make = () => openPart({ dir: folder.inbox, transfer }).then((part) => part.discard())

  it('is asked for before anything of it is made (P20)', async () => {
    has(100, 2)
    expect(spaceBytes(folder.inbox)).to.equal(8_192)
    expect(demand).to.throw().with.property('code', 'no-space')
    expect(await make().catch(({ code }) => code)).to.equal('no-space')
    expect(folder.received).to.deep.equal([])
  })

  it('is not missed where the file system does not count it (ramfs, a tmpfs without a limit, FUSE)', async () => {
    has(0, 0)
    expect(spaceBytes(folder.inbox)).to.equal(undefined)
    demand()
    await make()
  })

  it('is not waited for where a file may never be so large (FAT): that is said at once', () => {
    const fat = 0x4d44
    const bytes = 2 ** 32
    const room = (size: number, type?: number) => {
      has(2 ** 21, 2 ** 21, type)
      demandRoom(folder.inbox, size, size, { maxFileBytes: 2 * bytes })
    }
    room(bytes)
    room(bytes - 1, fat)
    expect(() => room(bytes, fat))
      .to.throw(/the file system takes 4294967295 bytes at most/)
      .with.property('code', 'file-too-large')
    has(1, 0, fat)
    const demandAll = () => demandRoom(folder.inbox, bytes, bytes, { maxFileBytes: 2 * bytes })
    expect(demandAll).to.throw().with.property('code', 'file-too-large')
  })

  it('is said by the doctor to be little only where it is counted', async () => {
    const look = () => state({ settings: { state: folder.inbox } } as Parameters<typeof state>[0])
    has(100, 2)
    expect((await look()).verdict).to.equal('weak')
    has(0, 0)
    expect(await look()).to.include({ verdict: 'works', says: 'The state folder can be written.' })
  })
})
