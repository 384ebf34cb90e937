/** Until an author has his answer the component does the same whoever the recipient is; only then it looks who is here (P23). */

import { statSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { type Element, parseXml } from '../../schemas/index.js'
import { Cable } from './cable.js'

const mephisto = 'mephisto@localhost/Studierzimmer'
const faust = 'faust@localhost/Pult'

const anOffer = (peer: string, id: string): Element =>
  parseXml(
    `<offer xmlns='jabberfs:transfer:1' id='${id}' peer='${peer}'><file><filename>Faust.txt</filename><filesize>7</filesize>` +
      `<hash-used xmlns='urn:xmpp:hashes:2' algo='jabberfs-blake3-root'/></file></offer>`,
  )

describe('an offer to somebody who is here, and one to nobody', () => {
  let cable: Cable
  let heard: string[]
  beforeEach(async () => {
    heard = []
    cable = new Cable()
    cable.receivers.set(faust, { deliver: ({ action }) => void heard.push(action) })
    await cable.logIn(faust, 'a'.repeat(64))
    await cable.logIn(mephisto, 'b'.repeat(64))
    await cable.settle()
  })
  afterEach(() => cable.close())

  const written = () => statSync(join(cable.dir, 'component.sqlite-wal')).size
  const offerTo = async (peer: string, id: string) => {
    const { store } = cable.batches
    const before = written()
    await cable.mediator.hear(mephisto, anOffer(peer, id))
    const row = store.offers.named('mephisto@localhost', id)!
    const answered = { bytes: written() - before, transfers: store.transfers.ofOffer(row.id).length }
    await cable.settle()
    const bytes = written() - before - answered.bytes
    return { answered, afterwards: { bytes, transfers: store.transfers.ofOffer(row.id).length } }
  }

  it('cost the same until the answer, and something is written after it in any case (P23)', async () => {
    await offerTo('valentin@localhost', 'the-first-of-all')
    const here = await offerTo('faust@localhost', 'for-somebody')
    const nobody = await offerTo('gretchen@localhost', 'for-nobody-here')
    expect(here.answered).to.include({ transfers: 0 })
    expect(nobody.answered).to.deep.equal(here.answered)
    expect(here.afterwards.transfers).to.equal(1)
    expect(nobody.afterwards.transfers).to.equal(0)
    expect(nobody.afterwards.bytes).to.be.above(0)
  })

  it('is brought once to a device that logs in before it was brought to those who are here', async () => {
    const elsewhere = 'faust@localhost/Garten'
    cable.receivers.set(elsewhere, { deliver: ({ action }) => void heard.push(`${action} elsewhere`) })
    await Promise.all([
      cable.mediator.hear(mephisto, anOffer('faust@localhost', 'walpurgis')),
      cable.logIn(elsewhere, 'c'.repeat(64)),
    ])
    await cable.settle()
    while (cable.waiting.length > 0) await cable.waiting.shift()!.arrive()
    await cable.settle()
    while (cable.waiting.length > 0) await cable.waiting.shift()!.arrive()
    expect(heard.sort()).to.deep.equal(['offer', 'offer elsewhere'])
  })
})
