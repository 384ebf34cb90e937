/**
 * A disk that fails after it has taken a commit: who asked was told to come back, and it is recorded all the same. (SQLite: the
 * frames are in its log when fsync fails; if the checkpoint at closing fails too, the next opening finds them.)
 */

import { expect } from 'chai'
import { offered, proposalEnds } from '../../protocol/mediation/index.js'
import { parseXml } from '../../schemas/index.js'
import { Cable } from './cable.js'

const faust = 'faust@localhost/Pult'
const mephisto = 'mephisto@localhost/Studierzimmer'
const anOffer = (id: string) =>
  `<offer xmlns='jabberfs:transfer:1' id='${id}' peer='faust@localhost'><file><filename>Faust.txt</filename>` +
  `<filesize>7</filesize><hash-used xmlns='urn:xmpp:hashes:2' algo='jabberfs-blake3-root'/></file></offer>`

describe('what a disk has taken without saying so', () => {
  let cable: Cable
  let heard: string[]
  beforeEach(async () => {
    heard = []
    cable = new Cable()
    cable.receivers.set(faust, { deliver: ({ action, value }) => void heard.push(`${action} ${value.id}`) })
    await cable.logIn(faust, 'a'.repeat(64))
    await cable.logIn(mephisto, 'b'.repeat(64))
    await cable.settle()
  })
  afterEach(() => cable.close())

  const deliverAll = async () => {
    await cable.settle()
    while (cable.waiting.length > 0) {
      await cable.waiting.shift()!.arrive()
      await cable.settle()
    }
  }

  it('reaches who is here as soon as the disk is well again: an offer, and a word that was stored for him (P7, P20)', async () => {
    const { logins } = cable.mediator
    const [author, recipient] = [logins.under(mephisto)!, logins.under(faust)!]
    await cable.mediator.hear(mephisto, parseXml(anOffer('walpurgis')))
    await deliverAll()
    expect(heard).to.deep.equal(['offer walpurgis'])
    await cable.batches.run(({ store, now }) => {
      const { id: offer } = store.offers.named('mephisto@localhost', 'walpurgis')!
      const payload = anOffer('homunculus')
      store.offers.add({
        author: author.row,
        authorPeer: author.party.peer,
        name: 'homunculus',
        kind: 'offer',
        recipient: 'faust@localhost',
        resource: null,
        digest: '',
        payload,
        made: now,
        ends: proposalEnds(now, undefined),
        state: offered(false),
      })
      const word = `<abort xmlns='jabberfs:transfer:1' id='walpurgis' peer='mephisto@localhost'><reason>user</reason></abort>`
      store.outbox.add({ device: recipient.row, offer, sid: null, payload: word })
    })
    await deliverAll()
    expect(heard).to.have.length(1)
    cable.mediator.storeRecovered()
    await deliverAll()
    expect(heard.slice(1).sort()).to.deep.equal(['abort walpurgis', 'offer homunculus'])
  })
})
