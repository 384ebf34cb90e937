/** Much that is open for many devices of one peer is brought a part at a time: whoever else asks meanwhile does not wait for all of it. */

import { expect } from 'chai'
import { type Element, parseXml } from '../../schemas/index.js'
import { Cable } from './cable.js'

const faust = 'faust@localhost'
const devices = 24
const perAuthor = 16

const anOffer = (peer: string, id: string): Element =>
  parseXml(
    `<offer xmlns='jabberfs:transfer:1' id='${id}' peer='${peer}'><file><filename>Faust.txt</filename><filesize>7</filesize>` +
      `<hash-used xmlns='urn:xmpp:hashes:2' algo='jabberfs-blake3-root'/></file></offer>`,
  )

describe('what many devices of one peer have missed', function () {
  this.timeout(120_000)
  let cable: Cable
  const authors = Array.from({ length: 8 }, (_, i) => `author-${i}@localhost`)
  const offers = authors.length * perAuthor
  const logIn = (jid: string, no: number) => cable.logIn(jid, no.toString(16).padStart(64, '0'))
  const logInAll = () =>
    Promise.all(Array.from({ length: devices }, (_, i) => logIn(`${faust}/${i}`, 1_000 + i)))
  /** Of all devices that offers were brought to. */
  const brought = () => cable.batches.store.outbox.count()
  beforeEach(async () => {
    cable = new Cable()
    for (const [i, author] of authors.entries()) await logIn(`${author}/Pult`, i)
  })
  afterEach(() => cable.close())

  const offerAll = async () => {
    for (const author of authors) {
      const ids = Array.from({ length: perAuthor }, (_, n) => `walpurgisnacht-${n}`)
      await Promise.all(ids.map((id) => cable.mediator.hear(`${author}/Pult`, anOffer(faust, id))))
    }
    await cable.settle()
  }
  /** How much is brought by each commit until all is. */
  const steps = async () => {
    const all: number[] = []
    let [commits, before] = [cable.batches.commits, brought()]
    while (before < devices * offers) {
      await new Promise((resolve) => setImmediate(resolve))
      if (cable.batches.commits === commits) continue
      all.push(brought() - before)
      before = brought()
      commits = cable.batches.commits
    }
    return all
  }

  it('is brought by parts when they log in at once, and to each of them once (P15, P17)', async () => {
    await offerAll()
    await logInAll()
    expect(brought()).to.be.within(offers, 5 * offers)
    expect(Math.max(...(await steps()))).to.be.at.most(3 * offers)
    await cable.settle()
    expect(brought()).to.equal(devices * offers)
  })

  it('is brought by parts when he blocks those no more who offered it, and his word is answered before (P15, P17)', async () => {
    await cable.mediator.block(faust, authors)
    await logInAll()
    await offerAll()
    expect(brought()).to.equal(0)
    await cable.mediator.block(faust, [])
    expect(brought()).to.equal(0)
    expect(Math.max(...(await steps()))).to.be.at.most(3 * offers)
    await cable.settle()
    expect(brought()).to.equal(devices * offers)
  })
})
