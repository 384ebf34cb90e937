/**
 * Part files and ledgers that are not what they were: only what proves itself counts.
 */

import { appendFileSync, copyFileSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { expect } from 'chai'
import { openPart, openSource, place, type Source } from '../../bytes/index.js'
import { attempt } from './attempt.js'
import { Folder } from './folder.js'
import { createRandom } from './random.js'

const blockBytes = 4096
const blocks = 40
const filesize = (blocks - 1) * blockBytes + 100

describe('a part file that was damaged', () => {
  let folder: Folder
  let content: Buffer
  let source: Source
  let path: string
  const transfer = { sid: 'sid-1', peer: 'p', filename: 'f', filesize, blockBytes }
  const ledger = () => path.replace(/part$/, 'ledger')

  /** Receives the first blocks and stops there, both sides closed. */
  async function halfway(blocksHeld = 25): Promise<void> {
    const part = await openPart({ dir: folder.inbox, transfer })
    const windowBytes = blockBytes
    const control = new AbortController()
    await attempt(source, part, {
      serve: { windowBytes },
      receive: {
        windowBytes,
        signal: control.signal,
        onProgress: ({ provenBytes }) => provenBytes >= blocksHeld * blockBytes && control.abort(),
      },
    })
    expect(part.provenBytesPrefix).to.equal(blocksHeld * blockBytes)
    path = part.path
    await part.close()
  }

  /** Opens it again, finishes it, and gives how many bytes were fetched; the result is always identical. */
  async function finish(): Promise<{ fetched: number; held: number; claimed: number }> {
    const part = await openPart({ dir: folder.inbox, transfer, existing: path })
    const held = part.heldBytes
    const claimed = part.blocks.claimedBytes
    const outcome = await attempt(source, part)
    const placed = await place(part, { dir: folder.inbox, filename: 'f', root: outcome.root! })
    expect(readFileSync(placed.path).equals(content)).to.equal(true)
    expect(folder.received).to.deep.equal(['f'])
    return { fetched: outcome.bytesSent, held, claimed }
  }

  beforeEach(async () => {
    folder = new Folder()
    content = folder.file('source', filesize)
    source = await openSource(folder.at('source'), { blockBytes })
    await halfway()
  })
  afterEach(() => {
    source.close()
    folder.remove()
  })

  const rest = filesize - 25 * blockBytes

  it('is resumed as it is where nothing was damaged (P3)', async () => {
    expect(await finish()).to.deep.equal({ fetched: rest, held: 25 * blockBytes, claimed: 0 })
  })

  it('has one byte flipped: only that block is fetched again (case 90, P3)', async () => {
    const random = createRandom()
    const at = random.below(25 * blockBytes)
    const bytes = readFileSync(path)
    bytes[at]! ^= 1 << random.below(8)
    writeFileSync(path, bytes)
    expect(await finish(), `seed ${random.seed}`).to.deep.equal({
      fetched: rest + blockBytes,
      held: 24 * blockBytes,
      claimed: 0,
    })
  })

  it('was cut, in the middle of a block or to nothing (case 90, P3)', async () => {
    truncateSync(path, 10 * blockBytes + 7)
    expect(await finish()).to.deep.equal({
      fetched: filesize - 10 * blockBytes,
      held: 10 * blockBytes,
      claimed: 0,
    })
    await halfway()
    truncateSync(path, 0)
    // The name is taken now: the same content under the next one.
    const part = await openPart({ dir: folder.inbox, transfer, existing: path })
    expect(part.heldBytes).to.equal(0)
    await part.discard()
  })

  it('was lengthened, within the file or beyond its end (case 90, P3)', async () => {
    appendFileSync(path, Buffer.alloc(3 * blockBytes, 7))
    const first = await finish()
    expect(first).to.deep.equal({ fetched: rest, held: 28 * blockBytes, claimed: 3 * blockBytes })
  })

  it('was lengthened beyond the end of the file (case 90, P3)', async () => {
    appendFileSync(path, Buffer.alloc(filesize, 7))
    expect((await finish()).fetched).to.equal(rest)
  })

  it('was swapped for that of another transfer (case 90, P3)', async () => {
    writeFileSync(path, createRandom(99).bytes(30 * blockBytes))
    expect((await finish()).fetched).to.equal(filesize)
  })

  it('lost its ledger: what is here is claimed, and kept because the sender says the same (case 91)', async () => {
    writeFileSync(ledger(), '')
    expect(await finish()).to.deep.equal({ fetched: rest, held: 25 * blockBytes, claimed: 25 * blockBytes })
  })

  it('lost its ledger and has a wrong block: that one is fetched (cases 90 and 91, P3)', async () => {
    writeFileSync(ledger(), 'no ledger at all')
    const bytes = readFileSync(path)
    bytes.fill(0, 5 * blockBytes, 6 * blockBytes)
    bytes.fill(0, 9 * blockBytes, 9 * blockBytes + 1)
    writeFileSync(path, bytes)
    expect((await finish()).fetched).to.equal(rest + 2 * blockBytes)
  })

  it('has a ledger torn at any byte: never more is held than is proven (case 91, P3)', async () => {
    const whole = readFileSync(ledger())
    const random = createRandom()
    for (let round = 0; round < 12; round++) {
      writeFileSync(ledger(), whole.subarray(0, random.below(whole.length)))
      const part = await openPart({ dir: folder.inbox, transfer, existing: path })
      expect(part.heldBytes, `seed ${random.seed}`).to.equal(25 * blockBytes)
      await part.close()
    }
    expect((await finish()).fetched).to.equal(rest)
  })

  it('has a ledger with a byte flipped anywhere, or with records twice (case 91, P3)', async () => {
    const whole = readFileSync(ledger())
    const random = createRandom()
    for (let round = 0; round < 12; round++) {
      const bytes = Buffer.from(whole)
      bytes[random.below(bytes.length)]! ^= 1 << random.below(8)
      writeFileSync(ledger(), Buffer.concat([bytes, bytes.subarray(-480)]))
      const part = await openPart({ dir: folder.inbox, transfer, existing: path })
      expect(part.heldBytes, `seed ${random.seed}`).to.equal(25 * blockBytes)
      await part.close()
    }
    expect((await finish()).fetched).to.equal(rest)
  })

  it('has an older ledger: the rest is claimed, and fetched only where it is wrong (case 91)', async () => {
    const whole = readFileSync(ledger())
    writeFileSync(ledger(), whole.subarray(0, whole.length - 10 * 48))
    expect(await finish()).to.deep.equal({ fetched: rest, held: 25 * blockBytes, claimed: 10 * blockBytes })
  })

  it('has a newer ledger than its data: what is not there is not held (case 91, P3)', async () => {
    const bytes = readFileSync(path)
    bytes.fill(0, 20 * blockBytes)
    writeFileSync(path, bytes)
    expect(await finish()).to.deep.equal({
      fetched: rest + 5 * blockBytes,
      held: 20 * blockBytes,
      claimed: 0,
    })
  })

  it('has the ledger of another transfer: it counts for nothing (case 91, P3)', async () => {
    const own = path
    const other = { ...transfer, sid: 'sid-2' }
    const part = await openPart({ dir: folder.inbox, transfer: other })
    copyFileSync(part.path.replace(/part$/, 'ledger'), own.replace(/part$/, 'ledger'))
    await part.discard()
    path = own
    expect((await finish()).claimed).to.equal(25 * blockBytes)
  })

  it('is checked with progress, and the check can be stopped', async () => {
    const seen: number[] = []
    const part = await openPart({
      dir: folder.inbox,
      transfer,
      existing: path,
      onProgress: (bytes) => seen.push(bytes),
    })
    expect(seen.at(-1)).to.equal(25 * blockBytes)
    await part.close()
    const control = new AbortController()
    const failed = await openPart({
      dir: folder.inbox,
      transfer,
      existing: path,
      signal: control.signal,
      onProgress: () => control.abort(),
    }).catch((error) => error)
    expect(failed.code).to.equal('stopped')
    expect((await finish()).fetched).to.equal(rest)
  })
})
