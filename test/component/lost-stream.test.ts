/** A login that is recorded while the stream is lost: nobody is here then, and nothing that waits gets lost with it. */

import { setTimeout as moment } from 'node:timers/promises'
import { expect } from 'chai'
import { parseXml } from '../../schemas/index.js'
import { Cable } from './cable.js'

const faust = 'faust@localhost/Pult'
const mephisto = 'mephisto@localhost/Studierzimmer'
const offer =
  `<offer xmlns='jabberfs:transfer:1' id='walpurgis' peer='faust@localhost'><file><filename>Faust.txt</filename>` +
  `<filesize>7</filesize><hash-used xmlns='urn:xmpp:hashes:2' algo='jabberfs-blake3-root'/></file></offer>`

describe('a device that logs in just before the stream is lost', () => {
  let cable: Cable
  let heard: string[]
  beforeEach(async () => {
    heard = []
    cable = new Cable()
    cable.receivers.set(faust, { deliver: ({ action }) => void heard.push(action) })
    await cable.logIn(mephisto, 'b'.repeat(64))
    await cable.mediator.hear(mephisto, parseXml(offer))
    await cable.settle()
  })
  afterEach(() => cable.close())

  const isHere = () => cable.mediator.logins.under(faust) !== undefined
  const loseStream = () => {
    cable.mediator.attendance.streamDown()
    for (const each of cable.waiting.splice(0)) each.lose()
  }
  const asksAndIsHere = async () => {
    cable.mediator.attendance.streamUp()
    while (!isHere()) await moment(5)
    await cable.settle()
    while (cable.waiting.length > 0) await cable.waiting.shift()!.arrive()
  }

  it('is not here, and has what waits for it when the stream is back and it was heard (P19)', async () => {
    const isRecorded = cable.logIn(faust, 'a'.repeat(64))
    loseStream()
    await isRecorded
    expect(isHere()).to.equal(false)
    loseStream()
    await asksAndIsHere()
    expect(heard).to.deep.equal(['offer'])
  })

  it('is the same where it was heard again just then', async () => {
    await cable.logIn(faust, 'a'.repeat(64))
    loseStream()
    const isRestored = cable.mediator.attendance.sessionOf(faust).catch(() => undefined)
    loseStream()
    await isRestored
    expect(isHere()).to.equal(false)
    await asksAndIsHere()
    expect(heard).to.deep.equal(['offer'])
  })
})
