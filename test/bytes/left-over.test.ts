/** A copy that was begun, and whose program was killed: it is as large as the file, and nobody knows of it. */

import { linkSync, readdirSync, symlinkSync, unlinkSync } from 'node:fs'
import { expect } from 'chai'
import { openPart, type PartFile } from '../../bytes/index.js'
import type { PartTransfer } from '../../bytes/part-file.js'
import { Folder } from './folder.js'

const filesize = 1_000
const transfer: PartTransfer = { sid: 's', peer: 'p', filename: 'f.bin', filesize, root: new Uint8Array(32) }

describe('what a killed program left of a copy', () => {
  let folder: Folder
  beforeEach(() => {
    folder = new Folder()
    folder.file('inbox/f.bin', 600)
  })
  afterEach(() => folder.remove())

  const open = (of = transfer) => openPart({ dir: folder.inbox, transfer: of, onConflict: 'resume' })
  const parts = () =>
    readdirSync(folder.inbox)
      .filter((name) => name.startsWith('.jabberfs-'))
      .sort()
  const namesOf = ({ name }: PartFile) => [name.replace(/part$/, 'ledger'), name]
  /** A part file with its ledger, as if nobody had noted it. */
  async function left(of = transfer): Promise<string[]> {
    const part = await open(of)
    await part.close()
    return namesOf(part)
  }

  it('is gone when the same transfer begins again (case 93)', async () => {
    await left()
    const part = await open()
    expect(parts()).to.deep.equal(namesOf(part))
    await part.discard()
    expect(parts()).to.deep.equal([])
  })

  it('stays where it is of another transfer, or of another file (P2)', async () => {
    const others = [
      ...(await left({ ...transfer, sid: 't' })),
      ...(await left({ ...transfer, filesize: filesize + 1 })),
      ...(await left({ ...transfer, root: new Uint8Array(32).fill(1) })),
    ]
    const part = await open()
    expect(parts()).to.deep.equal([...others, ...namesOf(part)].sort())
    await part.close()
  })

  it('stays where it is open, has a second name, or is a link (P2)', async () => {
    const one = await open()
    const [, two] = await left({ ...transfer, sid: 'two' })
    linkSync(`${folder.inbox}/${two}`, `${folder.inbox}/second`)
    const [ledger, three] = await left({ ...transfer, sid: 'three' })
    unlinkSync(`${folder.inbox}/${three}`)
    symlinkSync('second', `${folder.inbox}/${three}`)
    const others = [...namesOf(one), two!, ledger!, three!]
    const opened = [
      await open(),
      await open({ ...transfer, sid: 'two' }),
      await open({ ...transfer, sid: 'three' }),
    ]
    for (const name of others) expect(parts()).to.include(name)
    for (const part of [one, ...opened]) await part.close()
  })

  it('is told by its ledger as soon as it is there, and is for its owner alone when it is whole', async () => {
    folder.file('inbox/f.bin', 600)
    const part = await open()
    expect(parts()).to.deep.equal(namesOf(part))
    expect(Number(part.stats.mode) & 0o777).to.equal(0o600)
    expect(part.heldBytes).to.equal(0)
    await part.discard()
  })
})
