/** What was offered is brought after its author has his answer: at the pace at which it is recorded, and each author's in his turn. */

import { expect } from 'chai'
import { type Element, parseXml } from '../../schemas/index.js'
import { Refused } from '../../wire/index.js'
import { Cable } from './cable.js'

const faust = 'faust@localhost/Pult'
const gretchen = 'gretchen@localhost/Kammer'
const mephisto = 'mephisto@localhost/Studierzimmer'
const wagner = 'wagner@localhost/Labor'

const anOffer = (peer: string, id: string): Element =>
  parseXml(
    `<offer xmlns='jabberfs:transfer:1' id='${id}' peer='${peer}'><file><filename>Faust.txt</filename><filesize>7</filesize>` +
      `<hash-used xmlns='urn:xmpp:hashes:2' algo='jabberfs-blake3-root'/></file></offer>`,
  )

describe('proposals whose authors have their answers', () => {
  let cable: Cable
  const rows = new Map<string, number>()
  const logIn = async (jid: string, digit: string) => {
    await cable.logIn(jid, digit.repeat(64))
    rows.set(jid, cable.mediator.logins.under(jid)!.row)
  }
  beforeEach(async () => {
    cable = new Cable()
    for (const [i, jid] of [faust, gretchen, mephisto, wagner].entries()) await logIn(jid, 'abcd'.charAt(i))
    await cable.settle()
  })
  afterEach(() => cable.close())

  const offerAll = (from: string, peer: string, many: number, what = peer.slice(0, peer.indexOf('@'))) =>
    Promise.all(
      Array.from({ length: many }, (_, i) =>
        cable.mediator.hear(from, anOffer(peer, `offer-to-${what}-${i}`)),
      ),
    )
  const waitingFor = (jid: string) => cable.batches.store.outbox.waiting(rows.get(jid)!, 0, 1_000)

  it('are brought together: whoever offers without end does not get further ahead of what is brought (P16)', async () => {
    const to = Array.from({ length: 30 }, (_, i) => `nobody-${i}@localhost`)
    await Promise.all(to.map((peer) => offerAll(mephisto, peer, 16)))
    expect(cable.mediator.bringing.waiting).to.equal(480)
    const before = cable.batches.commits
    await cable.settle()
    expect(cable.mediator.bringing.waiting).to.equal(0)
    expect(cable.batches.commits - before).to.be.below(6)
  })

  it('are brought in turns: the many of one author do not come before the first of another (P17)', async () => {
    await Promise.all([
      offerAll(mephisto, 'faust@localhost', 16),
      offerAll(mephisto, 'gretchen@localhost', 16),
      offerAll(wagner, 'gretchen@localhost', 1, 'homunculus'),
    ])
    await cable.settle()
    const [toFaust, toGretchen] = [waitingFor(faust), waitingFor(gretchen)]
    expect([toFaust.length, toGretchen.length]).to.deep.equal([16, 17])
    const wagners = cable.batches.store.offers.named('wagner@localhost', 'offer-to-homunculus-0')!.id
    expect(toGretchen[0]!.offer).to.equal(wagners)
    expect(toFaust.filter(({ id }) => id < toGretchen[0]!.id)).to.have.length(1)
    // His own come in the order in which he made them.
    for (const each of [toFaust, toGretchen.slice(1)]) {
      const offers = each.map(({ offer }) => offer)
      expect(offers).to.deep.equal([...offers].sort((a, b) => a - b))
    }
  })

  it('wait in bounded number: beyond that no more are taken, until there is room (P16)', async () => {
    const { bringing } = cable.mediator
    const none = 1_000_000
    for (let i = 0; !bringing.isFull; i++) bringing.soon(`poor-${i}@localhost`, none + i, undefined)
    expect(bringing.waiting).to.be.below(10_000)
    const refused = await cable.mediator
      .hear(mephisto, anOffer('faust@localhost', 'right-in-time'))
      .catch((e) => e)
    expect(refused).to.be.instanceOf(Refused)
    expect(refused).to.include({ condition: 'resource-constraint', type: 'wait' })
    await cable.settle()
    await cable.mediator.hear(mephisto, anOffer('faust@localhost', 'right-in-time'))
    await cable.settle()
    expect(waitingFor(faust)).to.have.length(1)
  })
})
