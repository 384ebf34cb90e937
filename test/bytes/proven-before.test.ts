/** What is shown of a part file before anybody has looked at its bytes: what was noted, and never more than there can be. */

import {
  appendFileSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { expect } from 'chai'
import { openPart, provenBefore } from '../../bytes/index.js'
import { Folder } from './folder.js'

const mebibyte = 2 ** 20
const filesize = 4 * mebibyte + 5

describe('how far a file came, as was noted', () => {
  let folder: Folder
  let path: string
  let ledger: string

  beforeEach(async () => {
    folder = new Folder()
    const part = await openPart({
      dir: folder.inbox,
      transfer: { sid: 's', peer: 'p', filename: 'f', filesize },
    })
    for (const block of [0, 4, 1]) {
      const bytes = Buffer.alloc(block === 4 ? 5 : mebibyte, block)
      part.write(block, 0, bytes)
      part.prove(block, new Uint8Array(32).fill(block), bytes.length)
    }
    // Proven once more, it is not there twice.
    part.record(1)
    await part.close()
    path = part.path
    ledger = path.replace(/part$/, 'ledger')
  })
  afterEach(() => folder.remove())

  it('is what was proven, and looking changes nothing', () => {
    const before = readFileSync(ledger)
    expect(provenBefore(path, filesize)).to.equal(2 * mebibyte + 5)
    expect(readFileSync(ledger).equals(before)).to.equal(true)
    expect(folder.received).to.have.length(2)
  })

  it('is less where the part file is shorter than that, or a record is torn (cases 90 and 91)', () => {
    truncateSync(path, filesize - 1)
    expect(provenBefore(path, filesize)).to.equal(2 * mebibyte)
    truncateSync(path, mebibyte)
    expect(provenBefore(path, filesize)).to.equal(mebibyte)
    appendFileSync(ledger, 'torn')
    expect(provenBefore(path, filesize)).to.equal(mebibyte)
  })

  it('is nothing where the ledger is gone, alien, of another file, or a link (cases 89 and 91)', () => {
    expect(provenBefore(path, filesize - 1)).to.equal(0)
    expect(provenBefore(`${path}.txt`, filesize)).to.equal(0)
    renameSync(ledger, folder.at('kept'))
    expect(provenBefore(path, filesize)).to.equal(0)
    symlinkSync(folder.at('kept'), ledger)
    expect(provenBefore(path, filesize)).to.equal(0)
    rmSync(ledger)
    writeFileSync(ledger, 'jabberfs ledger 1\n')
    expect(provenBefore(path, filesize)).to.equal(0)
    rmSync(folder.inbox, { recursive: true })
    expect(provenBefore(path, filesize)).to.equal(0)
  })
})
