/** What the store finds and forgets: what is still to be brought, what has ended, what a later word takes the place of. */

import { expect } from 'chai'
import type { NewOffer } from '../../component/store/offers.js'
import { openStore, type Store } from '../../component/store/store.js'
import { offered } from '../../protocol/mediation/index.js'

const [faust, mephisto] = ['faust@h', 'mephisto@h']
const device = (number: number) => number.toString(16).padStart(64, '0')

describe('the rows of the store', () => {
  let store: Store
  let desk: number
  let phone: number
  let author: number
  let made = 0

  beforeEach(() => {
    store = openStore(':memory:')
    author = store.devices.logIn(faust, device(1), `${faust}/x`, 1)
    desk = store.devices.logIn(mephisto, device(2), `${mephisto}/desk`, 1)
    phone = store.devices.logIn(mephisto, device(3), `${mephisto}/phone`, 1)
  })
  afterEach(() => store.close())

  const offer = (some: Partial<NewOffer> = {}) =>
    store.offers.add({
      author,
      authorPeer: faust,
      name: `offer-${++made}`,
      kind: 'offer',
      recipient: mephisto,
      resource: null,
      digest: 'd',
      payload: '<offer/>',
      made: 1,
      ends: 1_000,
      state: offered(false),
      ...some,
    })
  const deliver = (offer: number, recipient: number, phase: 'proposed' | 'countered' = 'proposed') => {
    const party = (peer: string, number: number) => ({ peer, device: device(number) })
    const bound = { sid: device(++made).slice(32), kind: 'offer' as const }
    const sides = { author: party(faust, 1), recipient: party(mephisto, 2) }
    const state =
      phase === 'proposed'
        ? { ...bound, ...sides, phase }
        : { ...bound, ...sides, phase, counter: 'another file' }
    store.transfers.add({ offer, recipient, state })
    return bound.sid
  }
  const idsFor = (device: number) => store.offers.undelivered(mephisto, device, 0, 10).map(({ id }) => id)

  it('bring a device what is open, did not reach it, and is not its own', () => {
    const [first, withdrawn, own] = [offer(), offer(), offer({ author: desk, authorPeer: mephisto })]
    offer({ recipient: 'gretchen@h' })
    store.offers.update(withdrawn, { ...offered(false), open: false }, 1_000)
    deliver(first, phone)
    expect(idsFor(desk)).to.deep.equal([first])
    expect(idsFor(phone)).to.deep.equal([own])
    expect(store.offers.undelivered(mephisto, desk, first, 10)).to.deep.equal([])
  })

  it('count as waiting for somebody what he did not answer, each author’s alone', () => {
    const [taken] = [offer(), offer(), offer({ author: phone, authorPeer: mephisto })]
    expect(store.offers.waitingFor(mephisto)).to.deep.equal([
      { author: faust, count: 2, isKnown: false },
      { author: mephisto, count: 1, isKnown: true },
    ])
    store.offers.update(taken!, { ...offered(true), accepted: true }, null)
    expect(store.offers.waitingFor(mephisto)[0]).to.include({ author: faust, count: 1 })
  })

  it('forget of an author what has ended, and nothing of which anything may come', () => {
    const [running, ended, open] = [offer(), offer(), offer()]
    // A transfer of it runs: there is no time at which to look at it.
    store.offers.update(running!, { ...offered(false), open: false, accepted: true }, null)
    store.offers.update(ended!, { ...offered(false), open: false }, 1_000)
    expect(store.offers.unfinishedBy(faust, 10)).to.equal(2)
    store.offers.trim(faust, 0)
    const left = [running, ended, open].map((id) => store.offers.find(id!) !== undefined)
    expect(left).to.deep.equal([true, false, true])
  })

  it('have what was put forward instead among what has not ended', () => {
    const one = offer()
    deliver(one, desk, 'countered')
    expect(store.transfers.unfinishedBy(faust, 10)).to.deep.equal([{ offer: one, recipient: desk }])
    expect(store.transfers.at({ offer: one, recipient: desk })?.state.phase).to.equal('countered')
  })

  it('bring of a word that comes again only the latest, of that transfer and that device', () => {
    const [one, other] = [offer(), offer()]
    const add = (payload: string, some: object = {}) =>
      store.outbox.add({ device: desk, offer: one, sid: 'one', payload, ...some })
    add('accept')
    add('append 2', { latest: 'append' })
    add('ready', { latest: 'ready' })
    add('append 3', { latest: 'append' })
    add('append of another', { latest: 'append', offer: other, sid: 'other' })
    add('append at the phone', { latest: 'append', device: phone })
    const waiting = (of = desk) => store.outbox.waiting(of, 0, 10).map(({ payload }) => payload)
    expect(waiting()).to.deep.equal(['accept', 'ready', 'append 3', 'append of another'])
    add('complete', { ends: 'repeated' })
    expect(waiting()).to.deep.equal(['accept', 'append of another', 'complete'])
    add('abort', { ends: 'all' })
    expect(waiting()).to.deep.equal(['append of another', 'abort'])
    expect(waiting(phone)).to.deep.equal(['append at the phone'])
  })

  it('go on after a row, in order', () => {
    const one = offer()
    const ids = ['a', 'b', 'c'].map((payload) =>
      store.outbox.add({ device: desk, offer: one, sid: null, payload }),
    )
    expect(store.outbox.waiting(desk, ids[0]!, 1).map(({ payload }) => payload)).to.deep.equal(['b'])
    store.outbox.remove(ids[1]!)
    expect(store.outbox.waiting(desk, ids[0]!, 9).map(({ payload }) => payload)).to.deep.equal(['c'])
  })

  it('forget a device that went long ago, and none that is here, was here lately, or is referred to', () => {
    const known = (number: number, peer = mephisto) => store.devices.isKnown(peer, device(number))
    const forget = (before: number) => store.unseen.forgetDevices(0, before, 100)
    forget(1_000)
    expect([known(2), known(3)], 'both are logged in').to.deep.equal([true, true])
    store.devices.logOut(`${mephisto}/desk`, 10)
    store.devices.logOut(`${mephisto}/phone`, 10)
    forget(10)
    expect([known(2), known(3)], 'not before that time').to.deep.equal([true, true])
    const one = offer()
    deliver(one, desk)
    store.outbox.add({ device: phone, offer: one, sid: null, payload: 'gone' })
    forget(11)
    expect([known(2), known(3)], 'something was brought or waits').to.deep.equal([true, true])
    store.offers.remove(one)
    forget(11)
    expect([known(2), known(3), known(1, faust)]).to.deep.equal([false, false, true])
  })

  it('make room for a further device by one that is away and of which all has ended, the one unseen for longest', () => {
    const known = () => [2, 3, 4].filter((number) => store.devices.isKnown(mephisto, device(number)))
    const tv = store.devices.logIn(mephisto, device(4), `${mephisto}/tv`, 1)
    const isOver = { ...offered(false), open: false }
    const [got, made, waits] = [
      offer(),
      offer({ author: phone, authorPeer: mephisto, recipient: faust }),
      offer(),
    ]
    deliver(got, desk)
    deliver(waits, tv)
    expect(store.devices.forgetOne(mephisto), 'all are here').to.equal(false)
    for (const [at, resource] of ['phone', 'desk', 'tv'].entries())
      store.devices.logOut(`${mephisto}/${resource}`, at)
    expect(store.devices.forgetOne(mephisto), 'nothing has ended').to.equal(false)
    for (const id of [got, made]) store.offers.update(id, isOver, 1_000)
    const end = store.outbox.add({ device: author, offer: made, sid: null, payload: 'abort' })
    for (const device of [desk, author]) {
      const word = store.outbox.add({ device, offer: got, sid: null, payload: 'abort' })
      expect(store.devices.forgetOne(mephisto), 'an end was not heard yet').to.equal(false)
      store.outbox.remove(word)
    }
    expect(store.devices.forgetOne(mephisto)).to.equal(true)
    expect(known(), 'the other one’s end was not heard').to.deep.equal([3, 4])
    store.outbox.remove(end)
    expect(store.devices.forgetOne(mephisto)).to.equal(true)
    expect(known()).to.deep.equal([4])
    expect([got, made, waits].map((id) => store.offers.find(id) !== undefined)).to.deep.equal([
      true,
      false,
      true,
    ])
    expect(store.transfers.ofOffer(got)).to.deep.equal([])
    expect(store.devices.forgetOne(mephisto), 'something waits for it').to.equal(false)
  })
})
