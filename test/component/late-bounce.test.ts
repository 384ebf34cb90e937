/** What the server sent back for a device that was gone arrives together with its next login: the login counts, also after a restart. */

import { setTimeout as moment } from 'node:timers/promises'
import { expect } from 'chai'
import { parseXml } from '../../schemas/index.js'
import { Cable } from './cable.js'

const faust = 'faust@localhost/Pult'
const mephisto = 'mephisto@localhost/Studierzimmer'
const device = 'a'.repeat(64)
const offer = parseXml(
  `<offer xmlns='jabberfs:transfer:1' id='walpurgis' peer='faust@localhost'><file><filename>Faust.txt</filename>` +
    `<filesize>7</filesize><hash-used xmlns='urn:xmpp:hashes:2' algo='jabberfs-blake3-root'/></file></offer>`,
)

describe('a device that logs in again just as a delivery to it bounces', () => {
  let cable: Cable
  let heard: string[]
  beforeEach(async () => {
    heard = []
    cable = new Cable()
    await cable.logIn(faust, device)
    await cable.logIn(mephisto, 'b'.repeat(64))
    await cable.settle()
    await cable.mediator.hear(mephisto, offer)
    await cable.settle()
  })
  afterEach(() => cable.close())

  const isHere = () => cable.mediator.logins.under(faust) !== undefined
  const deliverAll = async () => {
    await cable.settle()
    while (cable.waiting.length > 0) {
      await cable.waiting.shift()!.arrive()
      await cable.settle()
    }
  }

  it('is here, gets what bounced, and is found after the component has started again (P19)', async () => {
    expect(cable.waiting.map(({ what }) => what)).to.deep.equal([`delivery of offer to ${faust}`])
    // Both are read from the stream in one turn.
    const bounced = cable.waiting.shift()!.arrive()
    cable.receivers.set(faust, { deliver: ({ action }) => void heard.push(action) })
    const back = cable.logIn(faust, device)
    await Promise.all([bounced, back])
    await deliverAll()
    expect(isHere()).to.equal(true)
    expect(heard).to.deep.equal(['offer'])
    cable.restartComponent()
    expect(isHere()).to.equal(false)
    while (!isHere()) await moment(5)
  })
})
