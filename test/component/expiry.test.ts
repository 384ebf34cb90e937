/** What waits too long ends, and what ended long ago is forgotten, by a clock that the test holds. */

import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setImmediate as turn } from 'node:timers/promises'
import { expect } from 'chai'
import { type Action, writeAction } from '../../schemas/index.js'
import type { Refused } from '../../wire/index.js'
import { Cable } from './cable.js'
import { newOfferId, someFile, someWay, token } from './stage.js'

const day = 24 * 3_600_000
const opening = { way: someWay(), token: token() }

describe('expiry', () => {
  let cable: Cable
  let heard: Action[]
  beforeEach(async () => {
    cable = new Cable()
    heard = []
    for (const [number, name] of ['faust', 'mephisto'].entries()) {
      await cable.logIn(`${name}@h/x`, String(number).repeat(64))
      cable.receivers.set(`${name}@h/x`, { deliver: (action) => heard.push(action) })
    }
  })
  afterEach(() => cable.close())

  const say = (from: string, action: Action) => cable.mediator.hear(`${from}@h/x`, writeAction(action))
  const offering = (id = newOfferId()): Action => ({
    action: 'offer',
    value: { id, peer: 'mephisto@h', every: false, files: [someFile()] },
  })
  /** Lets everything arrive. */
  async function arrive(): Promise<Action[]> {
    await cable.settle()
    while (cable.waiting.length > 0) {
      await cable.waiting.shift()!.arrive()
      await cable.settle()
    }
    return heard.splice(0)
  }
  async function passing(ms: number): Promise<Action[]> {
    cable.now += ms
    await cable.mediator.expiry.run()
    return arrive()
  }

  it('ends an offer that nobody answers, and tells both sides once', async () => {
    await say('faust', offering())
    const [offer] = await arrive()
    expect(await passing(7 * day - 1)).to.deep.equal([])
    const told = await passing(1)
    expect(
      told.map(({ action, value }) => `${action} ${value.sid} ${'reason' in value && value.reason}`),
    ).to.have.members([`abort ${offer!.value.sid} expired`, 'abort undefined expired'])
    expect(await passing(day)).to.deep.equal([])
  })

  it('of an offer is told to a party that speaks too late, to nobody else, and to nobody once it is forgotten (cases 12 and 14)', async () => {
    const answerTo = (from: string, action: Action) =>
      say(from, action).then(
        () => 'result',
        ({ condition, app }: Refused) => [condition, ...(app ? [app.name, app.getText()] : [])].join(' '),
      )
    await cable.logIn('wagner@h/x', '7'.repeat(64))
    await say('faust', offering())
    const sid = (await arrive())[0]!.value.sid!
    await passing(7 * day)
    const tooLate: [from: string, action: Action][] = [
      ['mephisto', { action: 'accept', value: { sid, attempt: 1, append: false, files: [], ...opening } }],
      ['mephisto', { action: 'append', value: { sid, attempt: 2, filebytesdone: 1, ...opening } }],
      ['mephisto', { action: 'complete', value: { sid, attempt: 1, root: new Uint8Array(32) } }],
      ['mephisto', { action: 'decline', value: { sid, block: false, over: false } }],
      ['faust', { action: 'abort', value: { sid } }],
    ]
    for (const [from, action] of tooLate) {
      expect(await answerTo(from, action), action.action).to.equal('unexpected-request state expired')
      expect(await answerTo('wagner', action), action.action).to.equal('item-not-found')
    }
    expect(await passing(0)).to.deep.equal([])
    await passing(31 * day)
    for (const [from, action] of tooLate) {
      expect(await answerTo(from, action), action.action).to.equal('item-not-found')
    }
  })

  it('ends a transfer without an attempt for thirty days, and forgets all of it thirty days later', async () => {
    await say('faust', offering())
    const sid = (await arrive())[0]!.value.sid!
    await say('mephisto', {
      action: 'accept',
      value: { sid, attempt: 1, append: false, files: [], ...opening },
    })
    await arrive()
    await passing(29 * day)
    await say('mephisto', { action: 'append', value: { sid, attempt: 2, filebytesdone: 1, ...opening } })
    await arrive()
    expect(await passing(29 * day)).to.deep.equal([])
    const told = await passing(2 * day)
    expect(told.map(({ action, value }) => `${action} ${value.sid}`)).to.deep.equal([
      `abort ${sid}`,
      `abort ${sid}`,
    ])
    const { store } = cable.batches
    expect(store.transfers.find(sid)!.state.phase).to.equal('expired')
    await passing(30 * day)
    expect(store.transfers.find(sid)).to.equal(undefined)
    expect(store.offers.count()).to.equal(0)
  })

  it('keeps one word of it for a device that takes nothing, and forgets that with the rest (case 51, P16)', async () => {
    cable.receivers.delete('mephisto@h/x')
    const { store } = cable.batches
    for (let n = 0; n < 10; n++) await say('faust', offering())
    await arrive()
    await passing(8 * day)
    expect(store.outbox.count()).to.equal(10)
    await passing(31 * day)
    expect(store.offers.count()).to.equal(0)
    expect(store.outbox.count()).to.equal(0)
  })

  it('is not confused by a clock that jumps a day back or forth (case 105)', async () => {
    await say('faust', offering())
    const [offer] = await arrive()
    expect(await passing(-day)).to.deep.equal([])
    expect(await passing(2 * day)).to.deep.equal([])
    const { sid } = offer!.value
    await say('mephisto', {
      action: 'accept',
      value: { sid: sid!, attempt: 1, append: false, files: [], ...opening },
    })
    expect((await arrive()).map(({ action }) => action)).to.deep.equal(['accept'])
    expect(await passing(-2 * day)).to.deep.equal([])
    await say('mephisto', {
      action: 'append',
      value: { sid: sid!, attempt: 2, filebytesdone: 1, ...opening },
    })
    expect((await arrive()).map(({ action }) => action)).to.deep.equal(['append'])
  })

  it('keeps the id of an offer that has ended from being taken by another for as long as it remembers', async () => {
    const id = newOfferId()
    await say('faust', offering(id))
    await say('faust', { action: 'abort', value: { id } })
    await say('faust', offering(id))
    await passing(30 * day)
    await say('faust', offering(id))
    expect(cable.batches.store.offers.named('faust@h', id)!.state.open).to.equal(true)
  })

  it('of 100,000 offers at the same instant lets others through all the while (case 49, P15)', async function () {
    this.timeout(180_000)
    const count = Number(process.env.JABBERFS_EXPIRING ?? 100_000)
    const { batches } = cable
    await batches.run(({ store, now }) => {
      const author = store.devices.logIn('author@h', 'd', 'author@h/x', now)
      for (let number = 0; number < count; number++) {
        store.offers.add({
          author,
          authorPeer: 'author@h',
          name: `expiring-${number}`,
          kind: 'offer',
          recipient: `somebody${number}@h`,
          resource: null,
          digest: '',
          payload: '<offer/>',
          made: now,
          ends: now + 1_000,
          state: { open: true, every: false, delivered: 0, refused: 0, accepted: false },
        })
      }
    })
    cable.now += 1_000
    const delay = monitorEventLoopDelay({ resolution: 5 })
    delay.enable()
    const expired = cable.mediator.expiry.run()
    let isRunning = true
    void expired.then(() => {
      isRunning = false
    })
    let served = 0
    while (isRunning) {
      await say('faust', { action: 'abort', value: { id: 'no-such-offer' } }).catch(() => served++)
      await turn()
    }
    delay.disable()
    expect(await expired).to.equal(count)
    // One action of another between any two slices: nobody waits for all of them.
    expect(served).to.be.greaterThan(count / 50 / 2)
    if (process.env.JABBERFS_EXPIRING) console.log(`longest stall ${(delay.max / 1e6).toFixed(0)} ms`)
  })
})
