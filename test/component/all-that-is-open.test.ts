/** Whatever is open for a device reaches it, however much that is, whatever stands before it, and however soon who was blocked is let in. */

import { expect } from 'chai'
import { offered, proposalEnds } from '../../protocol/mediation/index.js'
import { parseXml } from '../../schemas/index.js'
import { Cable } from './cable.js'

const faust = 'faust@localhost/Pult'
const authors = ['mephisto@localhost', 'wagner@localhost']
const anOffer = (id: string) =>
  `<offer xmlns='jabberfs:transfer:1' id='${id}' peer='faust@localhost'><file><filename>Faust.txt</filename>` +
  `<filesize>7</filesize><hash-used xmlns='urn:xmpp:hashes:2' algo='jabberfs-blake3-root'/></file></offer>`

describe('what is open for a device', () => {
  let cable: Cable
  beforeEach(async () => {
    cable = new Cable()
    for (const [i, author] of authors.entries())
      await cable.logIn(`${author}/Studierzimmer`, `${i}`.repeat(64))
  })
  afterEach(() => cable.close())

  const brought = () => cable.batches.store.outbox.count()

  it('is brought with one login, also what stands behind hundreds for another device of his', async () => {
    const authorPeer = authors[0]!
    const { row: author } = cable.mediator.logins.under(`${authorPeer}/Studierzimmer`)!
    await cable.batches.run(({ store, now }) => {
      for (let n = 0; n < 900; n++) {
        const name = `walpurgisnacht-${n}`
        const resource = n < 300 ? 'Garten' : null
        const ends = proposalEnds(now, undefined)
        const said = {
          author,
          authorPeer,
          name,
          kind: 'offer' as const,
          recipient: 'faust@localhost',
          resource,
        }
        store.offers.add({
          ...said,
          digest: '',
          payload: anOffer(name),
          made: now,
          ends,
          state: offered(true),
        })
      }
    })
    await cable.logIn(faust, 'a'.repeat(64))
    await cable.settle()
    expect(brought()).to.equal(600)
  })

  it('is brought when two who were blocked are let in one right after the other', async () => {
    await cable.logIn(faust, 'a'.repeat(64))
    await cable.mediator.block('faust@localhost', authors)
    for (const author of authors)
      await cable.mediator.hear(`${author}/Studierzimmer`, parseXml(anOffer('walpurgisnacht')))
    await cable.settle()
    expect(brought()).to.equal(0)
    await cable.mediator.block('faust@localhost', authors.slice(1))
    // It is recorded together with what follows from the word before.
    await cable.mediator.block('faust@localhost', [])
    await cable.settle()
    expect(brought()).to.equal(2)
  })
})
