/**
 * A device of another server, which is not reached for a while: our server says so of what was for the device, and knows nothing
 * of the device itself. It does not count as here, and nothing that waits for it is lost or waits for its next login.
 */

import { setTimeout as moment } from 'node:timers/promises'
import { expect } from 'chai'
import { parseXml, xml } from '../../schemas/index.js'
import { ping } from '../../schemas/xep/ping.js'
import { Cable } from './cable.js'
import { newOfferId, Stage, someFile } from './stage.js'

const minute = 60_000
const faust = 'faust@goethe.example/Pult'
const mephisto = 'mephisto@localhost/Studierzimmer'
const offer = parseXml(
  `<offer xmlns='jabberfs:transfer:1' id='walpurgis' peer='faust@goethe.example'><file><filename>Faust.txt</filename>` +
    `<filesize>7</filesize><hash-used xmlns='urn:xmpp:hashes:2' algo='jabberfs-blake3-root'/></file></offer>`,
)

describe('a device whose server is not reached', () => {
  let cable: Cable
  let heard: string[]
  beforeEach(async () => {
    heard = []
    cable = new Cable()
    cable.receivers.set(faust, { deliver: ({ action }) => void heard.push(action) })
    await cable.logIn(faust, 'a'.repeat(64))
    await cable.logIn(mephisto, 'b'.repeat(64))
    await cable.settle()
    cable.unreached.add(faust)
  })
  afterEach(() => cable.close())

  const isHere = () => cable.mediator.logins.under(faust) !== undefined
  const until = async (isSo: () => boolean) => {
    while (!isSo()) await moment(5)
    await cable.settle()
  }
  const arrived = async () => {
    while (cable.waiting.length > 0) {
      await cable.waiting.shift()!.arrive()
      await cable.settle()
    }
  }

  it('is away, is asked now and then, and gets what came meanwhile as soon as it is reached, without logging in (P19)', async () => {
    await cable.mediator.hear(mephisto, offer)
    await cable.settle()
    await arrived()
    expect(isHere()).to.equal(false)
    expect(heard).to.deep.equal([])
    cable.mediator.attendance.askTheUnheard()
    await cable.settle()
    expect(isHere()).to.equal(false)
    cable.unreached.delete(faust)
    await until(() => {
      cable.mediator.attendance.askTheUnheard()
      return isHere()
    })
    await arrived()
    expect(heard).to.deep.equal(['offer'])
  })

  it('is asked no more after twenty minutes, so that a server that is gone for good is not asked for for ever', async () => {
    await cable.mediator.hear(mephisto, offer)
    await cable.settle()
    await arrived()
    cable.now += 21 * minute
    cable.mediator.attendance.askTheUnheard()
    expect(cable.mediator.logins.remembered(faust)).to.equal(undefined)
  })
})

describe('a device whose server sends back the presence of the component', () => {
  for (const condition of ['remote-server-timeout', 'service-unavailable', 'not-allowed']) {
    it(`as ${condition} is asked, and stays logged in when it answers`, async () => {
      const stage = await Stage.open()
      try {
        const device = await stage.device('faust')
        const author = await stage.device('mephisto')
        const said = xml(condition, { xmlns: 'urn:ietf:params:xml:ns:xmpp-stanzas' })
        const error = xml('error', { type: 'cancel' }, said)
        await device.entity.send(xml('presence', { to: stage.domain, type: 'error' }, error))
        await device.ask(ping(), 'get')
        const id = newOfferId()
        await author.say('offer', { id, peer: device.bare, every: false, files: [someFile()] })
        expect((await device.next('offer')).id).to.equal(id)
      } finally {
        await stage.close()
      }
    })
  }
})
