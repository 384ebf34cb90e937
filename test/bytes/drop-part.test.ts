/** Removing what an ended transfer left: the part file and the ledger as they were noted, and nothing else. */

import { execFileSync } from 'node:child_process'
import {
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { expect } from 'chai'
import { dropPart, openPart } from '../../bytes/index.js'
import { Folder } from './folder.js'

describe('what an ended transfer left', () => {
  let folder: Folder
  let noted: { path: string; ino: string }
  let ledger: string

  beforeEach(async () => {
    folder = new Folder()
    const part = await openPart({
      dir: folder.inbox,
      transfer: { sid: 's', peer: 'p', filename: 'f', filesize: 1_000 },
    })
    await part.close()
    noted = { path: part.path, ino: String(part.stats.ino) }
    ledger = part.path.replace(/part$/, 'ledger')
    folder.file('inbox/my_girl.jpg', 1_000)
  })
  afterEach(() => folder.remove())

  it('is removed, and nothing beside it', () => {
    expect(dropPart(noted)).to.equal('dropped')
    expect(folder.received).to.deep.equal(['my_girl.jpg'])
    expect(dropPart(noted)).to.equal('absent')
  })

  it('is removed whole where the program was killed in the middle of that', () => {
    rmSync(noted.path)
    expect(dropPart(noted)).to.equal('dropped')
    expect(folder.received).to.deep.equal(['my_girl.jpg'])
  })

  it('stays while it is open, and while it was written to lately', async () => {
    const transfer = { sid: 's', peer: 'p', filename: 'f', filesize: 1_000 }
    const part = await openPart({ dir: folder.inbox, transfer, existing: noted.path })
    expect(dropPart(noted)).to.equal('busy')
    await part.close()
    expect(dropPart(noted, Date.now() - 60_000)).to.equal('busy')
    expect(existsSync(noted.path) && existsSync(ledger)).to.equal(true)
    expect(dropPart(noted, Date.now() + 60_000)).to.equal('dropped')
  })

  it('stays where something else has its name: another file, a link, a FIFO, a folder (case 89, P2)', () => {
    const mine = folder.at('diary.txt')
    writeFileSync(mine, 'dear diary')
    const swaps: (() => void)[] = [
      () => writeFileSync(noted.path, 'another file'),
      () => symlinkSync(mine, noted.path),
      () => linkSync(mine, noted.path),
      () => execFileSync('mkfifo', [noted.path]),
      () => mkdirSync(noted.path),
    ]
    renameSync(noted.path, folder.at('moved'))
    for (const swap of swaps) {
      swap()
      expect(dropPart(noted)).to.equal('alien')
      expect(folder.received).to.have.length(3)
      rmSync(noted.path, { recursive: true })
    }
    renameSync(folder.at('moved'), noted.path)
    rmSync(ledger)
    symlinkSync(mine, ledger)
    expect(dropPart(noted)).to.equal('alien')
    expect(existsSync(noted.path)).to.equal(true)
    expect(readFileSync(mine, 'utf8')).to.equal('dear diary')
  })

  it('is looked for under the names of part files only, and in its own folder (P2)', () => {
    const photo = folder.at('inbox/my_girl.jpg')
    expect(dropPart({ ...noted, path: photo })).to.equal('alien')
    expect(dropPart({ ...noted, path: `${noted.path}/..` })).to.equal('alien')
    renameSync(folder.inbox, folder.at('elsewhere'))
    expect(dropPart(noted)).to.equal('absent')
    // A folder of that name with the same names in it holds other files.
    mkdirSync(folder.inbox)
    writeFileSync(noted.path, 'x')
    expect(dropPart(noted)).to.equal('alien')
    expect(folder.received).to.have.length(1)
  })
})
