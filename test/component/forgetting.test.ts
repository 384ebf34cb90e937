/** Who was here once and does not come back is forgotten; what somebody may still ask for is not. By a clock that the test holds. */

import { setImmediate as turn } from 'node:timers/promises'
import { expect } from 'chai'
import type { Db } from '../../component/store/open.js'
import { openDatabase } from '../../component/store/open.js'
import { unseenIn } from '../../component/store/unseen.js'
import { writeAction } from '../../schemas/index.js'
import { Cable } from './cable.js'
import { newOfferId, someFile } from './stage.js'

const day = 24 * 3_600_000

describe('people who were here once', () => {
  let cable: Cable
  beforeEach(() => {
    cable = new Cable()
  })
  afterEach(() => cable.close())

  const device = (number: number) => number.toString(16).padStart(64, '0')
  const offer = (from: string, to: string) =>
    cable.mediator.hear(
      `${from}@h/x`,
      writeAction({
        action: 'offer',
        value: { id: newOfferId(), peer: `${to}@h`, every: false, files: [someFile()] },
      }),
    )
  const passing = async (ms: number) => {
    cable.now += ms
    await cable.mediator.expiry.run()
    await cable.mediator.forgetting.run()
    await cable.settle()
  }
  const isKept = (peer: string, number: number) =>
    cable.batches.store.devices.isKnown(`${peer}@h`, device(number))
  const blocks = (peer: string) => cable.batches.store.blocks.has(`${peer}@h`, 'martha@h')
  const isKnownTo = (peer: string, other: string) =>
    cable.batches.store.offers.isKnownTo(`${peer}@h`, `${other}@h`)

  it('are forgotten sixty days after they went, with all that was kept for them', async () => {
    await cable.logIn('faust@h/x', device(1))
    await offer('faust', 'nobody')
    await cable.mediator.block('faust@h', ['martha@h'])
    // It is here for long: that counts.
    await passing(80 * day)
    expect([isKept('faust', 1), blocks('faust'), isKnownTo('faust', 'nobody')]).to.deep.equal([
      true,
      true,
      true,
    ])
    await cable.logOut('faust@h/x')
    await passing(60 * day)
    expect([isKept('faust', 1), blocks('faust'), isKnownTo('faust', 'nobody')]).to.deep.equal([
      true,
      true,
      true,
    ])
    await passing(1)
    expect([isKept('faust', 1), blocks('faust'), isKnownTo('faust', 'nobody')]).to.deep.equal([
      false,
      false,
      false,
    ])
  })

  it('are not forgotten while another device of theirs comes, nor is what this one knows', async () => {
    for (const number of [1, 2]) {
      await cable.logIn(`faust@h/${number}`, device(number))
      await cable.logOut(`faust@h/${number}`)
    }
    await cable.mediator.block('faust@h', ['martha@h'])
    await passing(40 * day)
    await cable.logIn('faust@h/2', device(2))
    await passing(40 * day)
    expect([isKept('faust', 1), isKept('faust', 2), blocks('faust')]).to.deep.equal([false, true, true])
  })

  it('are not forgotten while anything refers to them', async () => {
    for (const [number, name] of ['faust', 'mephisto', 'gretchen'].entries()) {
      await cable.logIn(`${name}@h/x`, device(number))
    }
    await offer('faust', 'mephisto')
    await cable.settle()
    for (const name of ['faust', 'mephisto', 'gretchen']) await cable.logOut(`${name}@h/x`)
    // The clock alone goes on: nothing is expired, so the offer and its delivery are still there.
    cable.now += 61 * day
    await cable.mediator.forgetting.run()
    expect([isKept('faust', 0), isKept('mephisto', 1), isKept('gretchen', 2)]).to.deep.equal([
      true,
      true,
      false,
    ])
  })

  it('are looked for a few at a time, each time with the others in between (case 49)', async () => {
    await cable.batches.run(({ store }) => {
      for (let n = 0; n < 1_000; n++) {
        store.devices.logIn(`p${n}@h`, device(n), `p${n}@h/x`, cable.now)
        store.devices.logOut(`p${n}@h/x`, cable.now)
        store.acquaintances.note(`p${n}@h`, 'nobody@h', cable.now)
      }
    })
    const before = cable.batches.commits
    let turns = 0
    let isOver = false
    const counting = (async () => {
      for (; !isOver; turns++) await turn()
    })()
    await passing(61 * day)
    isOver = true
    await counting
    expect(cable.batches.commits - before).to.be.at.least(10)
    expect(turns).to.be.at.least(10)
    expect(isKept('p999', 999)).to.equal(false)
    expect(isKnownTo('p999', 'nobody')).to.equal(false)
  })
})

describe('what is kept for somebody of whom no device is left', () => {
  let db: Db
  before(() => {
    db = openDatabase(':memory:')
  })
  after(() => db.close())

  it('goes in pieces too, however much it is', () => {
    const add = db.prepare('insert into block (peer, blocked) values (?, ?)')
    for (const peer of ['a@h', 'b@h', 'c@h']) for (let n = 0; n < 500; n++) add.run(peer, `x${n}@h`)
    db.exec("insert into device (peer, device, jid, seen) values ('b@h', 'd', null, 0)")
    const unseen = unseenIn(db)
    const left = db.prepare('select peer, count(*) as count from block group by peer order by peer')
    expect(unseen.forgetPeers('block', '', 200)).to.equal('')
    expect(left.all()[0]).to.deep.equal({ peer: 'a@h', count: 300 })
    let after: string | undefined = ''
    for (let steps = 0; after !== undefined; steps++) {
      expect(steps).to.be.below(20)
      after = unseen.forgetPeers('block', after, 200)
    }
    expect(left.all()).to.deep.equal([{ peer: 'b@h', count: 500 }])
  })
})
