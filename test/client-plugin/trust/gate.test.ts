/** The gate before each attempt, alone: whom it lets through, whom it asks about, and what an answer or a `forget` moves. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import type { UnknownDevice } from '../../../client-plugin/index.js'
import type { TransferRecord } from '../../../client-plugin/journal/record.js'
import { DeviceBook } from '../../../client-plugin/trust/device-book.js'
import { Trust, type TrustOptions } from '../../../client-plugin/trust/trust.js'

const peer = 'gretchen@h'
const [known, other] = ['a'.repeat(64), 'b'.repeat(64)]

/** A transfer as trust sees it, and what is done to it. */
class Bound {
  readonly done: string[] = []
  isOver = false
  constructor(readonly record: TransferRecord) {}
  suspend(why: Error): void {
    this.done.push(`suspended: ${(why as { code?: string }).code}`)
  }
  async resume(): Promise<void> {
    this.done.push('resumed')
  }
  async abort(): Promise<void> {
    this.done.push('aborted')
  }
}

describe('the gate of trust', () => {
  let dir: string
  let book: DeviceBook
  let trust: Trust
  let transfers: Bound[]
  let asked: UnknownDevice[]
  let isOnline: boolean

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'jabberfs-gate-'))
    book = new DeviceBook(dir)
    transfers = []
    asked = []
    isOnline = true
    const options = {
      book,
      policy: 'first-use',
      self: () => 'faust@h',
      own: Promise.resolve('f'.repeat(64)),
      transfers: () => transfers,
      isForAll: (share: string) => share === 'for all',
      asked: (question: UnknownDevice) => void asked.push(question),
      mayGoOn: () => isOnline,
      resumed: () => undefined,
      report: (error: unknown) => {
        throw error
      },
    }
    trust = new Trust(options as unknown as TrustOptions)
  })
  afterEach(() => {
    book.close()
    rmSync(dir, { recursive: true, force: true })
  })

  const recordOf = (some: Partial<TransferRecord> = {}) =>
    ({ peer, device: known, direction: 'sending', phase: 'running', ...some }) as TransferRecord
  const transferOf = (some: Partial<TransferRecord> = {}) => {
    const transfer = new Bound(recordOf(some))
    transfers.push(transfer)
    return transfer
  }
  const waiting = { device: other, paused: true, trouble: 'unknown-device' } as const
  /** What the gate says: the code of its refusal, or `passed`. */
  const gate = (some: Partial<TransferRecord> = {}) => {
    try {
      trust.demand(recordOf(some))
      return 'passed'
    } catch (error) {
      return (error as { code?: string }).code
    }
  }
  const later = () => new Promise((resolve) => setImmediate(resolve))

  it('remembers the first device of a person, and stops each other one', () => {
    expect(gate()).to.equal('passed')
    expect(book.of(peer)).to.deep.include({ ...book.of(peer)[0]!, device: known, standing: 'first-use' })
    expect(gate({ device: other })).to.equal('unknown-device')
    expect(gate({ device: other, direction: 'receiving' })).to.equal('unknown-device')
    expect(gate()).to.equal('passed')
    expect(book.of(peer)).to.have.length(1)
  })

  it('tells who is asked about an offer how its device stands, and remembers nothing by that', () => {
    expect(trust.look(peer, known)).to.equal('first')
    expect(book.all()).to.deep.equal([])
    book.remember(peer, known, 'first-use', 1)
    expect([trust.look(peer, known), trust.look(peer, other)]).to.deep.equal(['known', 'unknown'])
    expect(trust.look('faust@h', other), 'another device of oneself').to.equal('unknown')
  })

  it('notes that a known device is used, so that it is not the first to be forgotten', () => {
    book.remember(peer, known, 'person', 1)
    expect(gate()).to.equal('passed')
    expect(book.of(peer)[0]!.used).to.be.closeTo(Date.now(), 60_000)
    expect(book.of(peer)[0]).to.include({ first: 1, standing: 'person' })
  })

  it('stops whoever shows no device', () => {
    expect(gate({ device: undefined })).to.equal('unknown-device')
    expect(book.all()).to.deep.equal([])
  })

  it('asks of what is shared for some people only as of anything; for everybody it neither asks nor remembers', () => {
    expect(gate({ share: 'for all', device: other })).to.equal('passed')
    expect(book.all()).to.deep.equal([])
    expect(gate({ share: 'for some' })).to.equal('passed')
    expect(book.of(peer)).to.have.length(1)
    expect(gate({ share: 'for some', device: other })).to.equal('unknown-device')
    // The word `share` is of what we serve: what we get of somebody's is a file like any other.
    expect(gate({ share: 'for all', device: other, direction: 'receiving' })).to.equal('unknown-device')
  })

  it('asks nobody where a content is got from whoever has it, and does where each device has its part of an offer', () => {
    expect(gate()).to.equal('passed')
    expect(gate({ device: other, partOf: 1, direction: 'receiving' })).to.equal('passed')
    expect(gate({ device: other, partOf: 1 })).to.equal('unknown-device')
    expect(book.of(peer)).to.have.length(1)
  })

  it('asks once it is paused, and only of what waits for that device', async () => {
    book.remember(peer, known, 'first-use', 1)
    expect(gate({ device: other })).to.equal('unknown-device')
    await later()
    // Nothing was paused: nothing to ask about.
    expect(asked).to.deep.equal([])
    const stopped = transferOf(waiting)
    transferOf({ ...waiting, peer: 'valentin@h' })
    transferOf({ ...waiting, trouble: 'io' })
    transferOf({ ...waiting, paused: false })
    transferOf(waiting).isOver = true
    expect(gate({ device: other })).to.equal('unknown-device')
    await later()
    expect(asked).to.have.length(1)
    expect(asked[0]).to.include({ peer, device: other })
    expect(asked[0]!.transfers).to.deep.equal([stopped])
    expect(asked[0]!.known.map(({ device }) => device)).to.deep.equal([known])
    await asked[0]!.refuse()
    expect(transfers.map(({ done }) => done)).to.deep.equal([['aborted'], [], [], [], []])
  })

  it('lists who waits, once a device, of all or of one person', () => {
    transferOf(waiting)
    transferOf(waiting)
    transferOf({ ...waiting, peer: 'valentin@h' })
    transferOf()
    expect(trust.unknown().map((each) => [each.peer, each.device])).to.deep.equal([
      [peer, other],
      ['valentin@h', other],
    ])
    expect(trust.unknown(`${peer}/phone`).map((each) => [each.peer, each.transfers.length])).to.deep.equal([
      [peer, 2],
    ])
  })

  it('lets go on what waits for the device that is trusted, and nothing else; what was verified stays so', async () => {
    book.remember(peer, known, 'first-use', 1)
    const stopped = transferOf(waiting)
    const elsewhere = [
      transferOf({ ...waiting, device: known }),
      transferOf({ ...waiting, peer: 'valentin@h' }),
      transferOf({ ...waiting, trouble: 'no-space' }),
    ]
    expect(await trust.trust(`${peer}/phone`, other, { verified: true })).to.deep.equal([stopped])
    expect(stopped.done).to.deep.equal(['resumed'])
    expect(elsewhere.flatMap(({ done }) => done)).to.deep.equal([])
    const standings = () => book.of(peer).map(({ device, standing }) => [device, standing])
    await trust.trust(peer, other)
    await trust.trust(peer, known)
    expect(standings()).to.deep.equal([
      [known, 'person'],
      [other, 'verified'],
    ])
    expect(gate({ device: other })).to.equal('passed')
  })

  it('moves nothing while there is no session, though it remembers', async () => {
    const stopped = transferOf(waiting)
    isOnline = false
    expect(await trust.trust(peer, other)).to.deep.equal([])
    expect(stopped.done).to.deep.equal([])
    expect(gate({ device: other })).to.equal('passed')
  })

  it('stops what runs with a device that is trusted no more, and no other', async () => {
    book.remember(peer, known, 'verified', 1)
    book.remember('valentin@h', known, 'person', 1)
    const running = transferOf()
    const others = [
      transferOf({ paused: true }),
      transferOf({ phase: 'proposed' }),
      transferOf({ peer: 'valentin@h' }),
      transferOf({ device: other }),
      transferOf({ share: 'for all' }),
    ]
    const shared = transferOf({ share: 'for some' })
    expect(await trust.forget(`${peer}/phone`, known)).to.equal(true)
    expect(running.done).to.deep.equal(['suspended: unknown-device'])
    expect(shared.done).to.deep.equal(['suspended: unknown-device'])
    expect(others.flatMap(({ done }) => done)).to.deep.equal([])
    expect(gate()).to.equal('unknown-device')
    expect(gate({ peer: 'valentin@h' })).to.equal('passed')
    // It is not that person's first again, and taking it back twice, or what was never known, says so.
    expect(await trust.forget(peer, known)).to.equal(false)
    expect(await trust.forget(peer, other)).to.equal(false)
  })
})
