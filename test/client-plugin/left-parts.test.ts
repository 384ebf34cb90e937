/** How long what ended transfers left of their files is kept, and by what it is known that nobody goes on from it. */

import { readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { expect } from 'chai'
import { openPart } from '../../bytes/index.js'
import { Journal, type PartHolder } from '../../client-plugin/journal/journal.js'
import type { TransferRecord } from '../../client-plugin/journal/record.js'
import { OwnLeftOvers } from '../../client-plugin/leftovers.js'
import { Register } from '../../client-plugin/register.js'
import { clearLeftParts, forgetOld, leftKeptMs } from '../../client-plugin/transfer/left-parts.js'
import { markOf } from '../../client-plugin/transfer/part-keeper.js'
import type { Surroundings } from '../../client-plugin/transfer/surroundings.js'
import { Folder } from '../bytes/folder.js'

const draft: Omit<TransferRecord, 'n'> = {
  id: 'an-offer-1',
  authored: false,
  direction: 'receiving',
  peer: 'mephisto@goethe.example',
  filename: 'my_girl.jpg',
  filesize: 1_000,
  phase: 'aborted',
  attempt: 1,
  created: 0,
}
const dayMs = 24 * 3_600_000

describe('what ended transfers left', () => {
  let folder: Folder
  let journal: Journal
  /** After more than a week, and before it is over. */
  const late = () => Date.now() + leftKeptMs + 60_000
  const early = () => Date.now() + leftKeptMs - 60_000

  beforeEach(() => {
    folder = new Folder()
    journal = new Journal(folder.at('state'))
  })
  afterEach(() => {
    journal.close()
    folder.remove()
  })

  async function left(changes: Partial<TransferRecord> = {}): Promise<TransferRecord> {
    const transfer = { sid: 's', peer: draft.peer, filename: draft.filename, filesize: 1_000 }
    const part = await openPart({ dir: folder.inbox, transfer })
    part.write(0, 0, Buffer.alloc(1_000))
    part.prove(0, new Uint8Array(32), 1_000)
    await part.close()
    return journal.add({ ...draft, ...changes, part: markOf(part) })
  }

  it('is kept for a week, and then removed, and the journal knows it', async () => {
    const { n } = await left()
    clearLeftParts(journal, early())
    expect(folder.received).to.have.length(2)
    expect(journal.ended().map(({ part }) => part !== undefined)).to.deep.equal([true])
    clearLeftParts(journal, late())
    expect(folder.received).to.deep.equal([])
    expect(journal.ended()).to.deep.equal([{ ...draft, n }])
  })

  it('stays while the transfer has not ended, or its last word is unsaid', async () => {
    await left({ phase: 'running', paused: true })
    const { n, ...rest } = await left()
    journal.put({ ...rest, n, saying: { action: 'abort', reason: 'user' } })
    clearLeftParts(journal, late())
    forgetOld(journal, Date.now() + 400 * dayMs)
    expect(folder.received).to.have.length(4)
  })

  it('stays where another transfer goes on with it, whatever is still noted of the one before (P3)', async () => {
    const { part } = await left()
    // Through a link on the way, too.
    const path = part!.path.replace(dirname(part!.path), `${dirname(part!.path)}/.`)
    const next = journal.add({
      ...draft,
      id: 'again',
      phase: 'running',
      paused: true,
      part: { ...part!, path },
    })
    clearLeftParts(journal, late())
    forgetOld(journal, Date.now() + 400 * dayMs)
    expect(folder.received).to.have.length(2)
    expect(journal.ended()).to.deep.equal([])
    expect(journal.unfinished()).to.deep.equal([next])
  })

  it('stays while the content is still wanted from whoever has it, and a week longer', async () => {
    const pursuit = { root: 'a'.repeat(64), liars: [] }
    const whole = journal.add({ ...draft, authored: true, phase: 'proposed', attempt: 0, pursuit })
    await left({ partOf: whole.n })
    clearLeftParts(journal, late())
    forgetOld(journal, Date.now() + 400 * dayMs)
    expect(folder.received).to.have.length(2)
    journal.put({ ...whole, phase: 'aborted' })
    clearLeftParts(journal, early())
    expect(folder.received).to.have.length(2)
    clearLeftParts(journal, late())
    expect(folder.received).to.deep.equal([])
  })

  it('goes before the journal forgets where it is, also where two name it', async () => {
    const one = await left()
    const other = await left({ id: 'an-offer-2' })
    journal.add({ ...draft, id: 'an-offer-3', part: other.part! })
    const seen: number[] = []
    forgetOld(
      new Proxy(journal, {
        get(target, name) {
          if (name !== 'forgetOld') return Reflect.get(target, name).bind(target)
          return (now: number, mayGo: (record: TransferRecord) => boolean) =>
            target.forgetOld(now, (record) => {
              const may = mayGo(record)
              if (may) seen.push(readdirSync(folder.inbox).length)
              expect(journal.ended()).to.have.length(3)
              return may
            })
        },
      }),
      Date.now() + 31 * dayMs,
    )
    expect(seen).to.deep.equal([2, 2, 0])
    expect(journal.ended()).to.deep.equal([])
    expect(one.part).to.not.deep.equal(other.part)
  })

  it('is nothing mostly: then what ended is forgotten in its time, and nothing else', async () => {
    journal.add({ ...draft, id: 'an-offer-1' })
    const later = journal.add({ ...draft, id: 'an-offer-2', phase: 'running' })
    forgetOld(journal, Date.now() + 29 * dayMs)
    expect(journal.ended()).to.have.length(1)
    forgetOld(journal, Date.now() + 31 * dayMs)
    expect(journal.ended()).to.deep.equal([])
    expect(journal.unfinished()).to.deep.equal([later])
  })

  it('and the journal still knows of it where the program was killed in between', async () => {
    const { part } = await left()
    const cut = journal.put.bind(journal)
    journal.put = () => {
      throw new Error('killed')
    }
    expect(() => clearLeftParts(journal, late())).to.throw('killed')
    journal.put = cut
    expect(folder.received).to.deep.equal([])
    expect(journal.ended().map((record) => record.part)).to.deep.equal([part])
    forgetOld(journal, Date.now() + 31 * dayMs)
    expect(journal.ended()).to.deep.equal([])
  })

  it('is told of, and removed where that is wished, and never what is not over', async () => {
    const leftOvers = new OwnLeftOvers(new Register({ journal } as Surroundings, () => undefined))
    const sid = 'a'.repeat(32)
    const paused = await left({ sid: 'b'.repeat(32), phase: 'running', paused: true })
    const { part } = await left({ sid })
    expect(leftOvers.of(sid)).to.deep.equal({ path: part!.path, bytes: 1_000, days: 7 })
    // The id of what others propose is theirs to choose.
    for (const key of [draft.id, paused.sid!]) {
      expect(leftOvers.of(key)).to.equal(undefined)
      expect(await leftOvers.discard(key)).to.equal(false)
    }
    expect(await leftOvers.discard(sid)).to.equal(true)
    expect(leftOvers.of(sid)).to.equal(undefined)
    expect(await leftOvers.discard(sid)).to.equal(false)
    expect(folder.received).to.have.length(2)
  })

  it('is removed where that is wished, though the last word is unsaid', async () => {
    const leftOvers = new OwnLeftOvers(new Register({ journal } as Surroundings, () => undefined))
    const sid = 'a'.repeat(32)
    const record = await left({ sid })
    journal.put({ ...record, saying: { action: 'abort', reason: 'user' } })
    expect(await leftOvers.discard(sid)).to.equal(true)
    expect(folder.received).to.deep.equal([])
    expect(journal.unfinished().map(({ saying, part }) => ({ saying, part }))).to.deep.equal([
      { saying: { action: 'abort', reason: 'user' }, part: undefined },
    ])
  })

  it('is told of by the key of what was got from whoever has it, once that is over', async () => {
    const leftOvers = new OwnLeftOvers(new Register({ journal } as Surroundings, () => undefined))
    const pursuit = { root: 'a'.repeat(64), liars: [] }
    const id = 'wanted'
    const whole = journal.add({ ...draft, id, authored: true, phase: 'proposed', attempt: 0, pursuit })
    const { part } = await left({ partOf: whole.n })
    expect(await leftOvers.discard(id)).to.equal(false)
    journal.put({ ...whole, phase: 'aborted' })
    expect(leftOvers.of(id)?.path).to.equal(part!.path)
    expect(await leftOvers.discard(id)).to.equal(true)
    expect(folder.received).to.deep.equal([])
  })

  it('is looked at as often where thousands have left something (P16)', () => {
    let looks = 0
    const most = 1_000
    const holders = Array.from({ length: most }, (_, n): PartHolder => {
      const path = `${folder.at('gone')}/.jabberfs-${n.toString(16).padStart(16, '0')}.part`
      const record: TransferRecord = { ...draft, n }
      Object.defineProperty(record, 'part', { get: () => ++looks && { path, ino: '1' }, enumerable: true })
      return { record, isOver: true, changed: 0 }
    })
    const known = new Proxy(journal, {
      get: (target, name) =>
        name === 'partHolders' ? () => holders : Reflect.get(target, name).bind(target),
    })
    clearLeftParts(known, late())
    expect(looks).to.be.lessThan(10 * most)
  })

  it('of a complete one goes at the next start, but not what has got its name since (P2)', async () => {
    const complete = {
      phase: 'complete' as const,
      placed: folder.at('a'),
      root: 'a'.repeat(64),
      sid: 'a'.repeat(32),
      saying: { action: 'complete' as const },
    }
    const { part } = await left(complete)
    const mine = folder.at('diary.txt')
    writeFileSync(mine, 'dear diary')
    const other = await left({ ...complete, sid: 'b'.repeat(32) })
    renameSync(mine, other.part!.path)
    // Its last word is unsaid: it is looked at.
    journal.put(...journal.ended())
    new Register({ journal } as Surroundings, () => undefined)
    expect(part!.path).not.to.equal(other.part!.path)
    const names = folder.received.map((name) => name.replace(/^.*\./, ''))
    expect(names).to.deep.equal(['ledger', 'part'])
    expect(readFileSync(other.part!.path, 'utf8')).to.equal('dear diary')
    expect(journal.unfinished().map((record) => record.part)).to.deep.equal([undefined, undefined])
  })

  it('stays, and is remembered, while it is open', async () => {
    const { part } = await left()
    const transfer = { sid: 's', peer: draft.peer, filename: draft.filename, filesize: 1_000 }
    const open = await openPart({ dir: folder.inbox, transfer, existing: part!.path })
    clearLeftParts(journal, late())
    forgetOld(journal, Date.now() + 31 * dayMs)
    expect(folder.received).to.have.length(2)
    expect(journal.ended()).to.have.length(1)
    await open.close()
    forgetOld(journal, Date.now() + 31 * dayMs)
    expect(folder.received).to.deep.equal([])
  })
})
