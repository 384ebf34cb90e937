/** Whose offers are shown, and that nobody else learns that anybody is here: on a real Prosody, with its rosters and its block lists. */

import { expect } from 'chai'
import { nsRoster, nsTransfer, xml } from '../../../schemas/index.js'
import { request } from '../../../wire/index.js'
import { type Device, digestOf, endOf, Stage } from './stage.js'

describe('an offer', function () {
  this.timeout(180_000)
  let stage: Stage
  let faust: Device
  let mephisto: Device
  let wagner: Device
  let files = 0

  before(async () => {
    stage = await new Stage().open()
    stage.prosody.befriend('faust', 'mephisto')
    ;[faust, mephisto, wagner] = await Promise.all([
      stage.device('faust', 'desk'),
      stage.device('mephisto', 'desk'),
      stage.device('wagner', 'desk'),
    ])
  })
  after(() => stage.close())

  const offer = async (from: Device, to: Device | string) => {
    const name = `file-${++files}.bin`
    const { path, digest } = stage.file(name, 10_000)
    const heard: string[] = []
    const hear = (stanza: ReturnType<typeof xml>) => {
      for (const child of stanza.children) {
        if (typeof child === 'object' && child.attrs.xmlns === nsTransfer) heard.push(child.name)
      }
    }
    from.entity.on('element', hear)
    const transfer = await from.files.send(typeof to === 'string' ? to : to.jid, [path])
    return { name, digest, transfer, heard }
  }

  it('of a contact is shown, and says that it is one', async () => {
    const { name, digest, transfer } = await offer(faust, mephisto)
    const shown = await mephisto.offered(name)
    expect(shown.isContact).to.equal(true)
    const received = await shown.accept({ into: mephisto.into })
    expect(await endOf(transfer)).to.equal('complete')
    expect(digestOf((await received.finished).path)).to.equal(digest)
  })

  it('of a stranger is shown to nobody, and looks to him as one to nobody (case 23, P23)', async () => {
    const toSomebody = await offer(wagner, mephisto)
    const toNobody = await offer(wagner, 'nobody@localhost')
    // A request that nobody answers is no different.
    await wagner.files.request(mephisto.jid, 'anything', { into: wagner.into })
    await wagner.files.request('nobody@localhost', 'anything', { into: wagner.into })
    await mephisto.settled()
    await wagner.settled()
    expect(mephisto.offers.map(({ filename }) => filename)).not.to.include(toSomebody.name)
    expect([toSomebody.transfer.state, toNobody.transfer.state]).to.deep.equal(['proposed', 'proposed'])
    expect([...toSomebody.heard, ...toNobody.heard]).to.deep.equal([])
    await Promise.all([toSomebody.transfer.abort(), toNobody.transfer.abort()])
    expect([...toSomebody.heard, ...toNobody.heard]).to.deep.equal([])
  })

  it('of a stranger is shown where he is let in, by name, by his server, or with everybody', async () => {
    for (const from of ['everybody', ['localhost'], [wagner.jid]] as const) {
      const { name, transfer } = await offer(wagner, mephisto)
      await mephisto.settled()
      expect(mephisto.offers.map(({ filename }) => filename)).not.to.include(name)
      const stop = mephisto.files.admit(from)
      const shown = await mephisto.offered(name)
      expect(shown.isContact).to.equal(false)
      await shown.decline()
      expect(await endOf(transfer)).to.equal('declined')
      stop()
    }
    expect(() => mephisto.files.admit(['a/b'])).to.throw('offersFrom')
  })

  it('waits unseen until its author becomes a contact, as the server tells', async () => {
    const { name } = await offer(wagner, mephisto)
    await mephisto.settled()
    expect(mephisto.offers.map(({ filename }) => filename)).not.to.include(name)
    // He asks to see whether Mephisto is there, and is allowed to.
    const item = xml('item', { jid: wagner.jid, name: 'Wagner' })
    await request(mephisto.entity, { type: 'set', payload: xml('query', { xmlns: nsRoster }, item) })
    await wagner.entity.send(xml('presence', { to: mephisto.jid, type: 'subscribe' }))
    await mephisto.entity.send(xml('presence', { to: wagner.jid, type: 'subscribed' }))
    expect((await mephisto.offered(name)).isContact).to.equal(true)
    // And is no contact any more.
    const removed = xml('item', { jid: wagner.jid, subscription: 'remove' })
    await request(mephisto.entity, { type: 'set', payload: xml('query', { xmlns: nsRoster }, removed) })
    await mephisto.settled()
    const later = await offer(wagner, mephisto)
    await mephisto.settled()
    expect(mephisto.offers.map(({ filename }) => filename)).not.to.include(later.name)
  })

  it('of somebody who is blocked is shown to nobody, contact or let in, until he is not any more (case 24, P23)', async () => {
    await mephisto.block(faust.jid)
    const stop = mephisto.files.admit('everybody')
    const { name, transfer, heard } = await offer(faust, mephisto)
    await mephisto.settled()
    await faust.settled()
    expect(mephisto.offers.map(({ filename }) => filename)).not.to.include(name)
    expect([transfer.state, ...heard]).to.deep.equal(['proposed'])
    stop()
    await mephisto.block(faust.jid, 'unblock')
    await mephisto.offered(name)
    await transfer.abort()
  })

  it('to another device of one’s own is shown, whoever else is', async () => {
    const phone = await stage.device('mephisto', 'phone', { offersFrom: [] })
    const { name, transfer } = await offer(mephisto, phone)
    const shown = await phone.offered(name)
    await shown.accept({ into: phone.into })
    expect(await endOf(transfer)).to.equal('complete')
  })
})
