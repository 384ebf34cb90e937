/** Requests for what is shared: who may ask, whom they reach, and what is learned from them. */

import { expect } from 'chai'
import { only, Person } from './desk/asking.js'
import { type Device, newOfferId, refusalOf, Stage } from './stage.js'

const root = new Uint8Array(32).fill(9)
const path = '2002/my_girl.jpg'

const entry = { path, size: 35_012, modified: 1_013_545_379, root, type: undefined, tags: [] }

const request = (peer: string, share: string, wanted = path) => ({
  id: newOfferId(),
  peer,
  share,
  path: wanted,
  filename: wanted.slice(wanted.lastIndexOf('/') + 1),
  root,
  append: false,
})

describe('a request for what is shared', function () {
  this.timeout(180_000)
  let stage: Stage
  let faust: Device
  let otherOfFaust: Device
  let mephisto: Device
  let gretchen: Device
  /** Faust's first device, as it talks to the catalogue. */
  let publisher: Person

  before(async () => {
    stage = await Stage.open()
    faust = await stage.device('faust')
    otherOfFaust = await stage.device('faust')
    mephisto = await stage.device('mephisto')
    gretchen = await stage.device('gretchen')
    publisher = new Person(faust)
    await publisher.ask('register', {})
    await publisher.share('Bilder-2002', [entry])
    const toGretchen = { visibility: only({ peers: [gretchen.bare] }) }
    await publisher.share('Geheim-1', [{ ...entry, path: 'a' }], toGretchen)
  })
  after(() => stage.close())

  it('reaches the device that published it, and no other of the same peer', async () => {
    const asked = request(faust.bare, 'Bilder-2002')
    await mephisto.say('request', asked)
    const delivered = await faust.next('request')
    expect(delivered).to.deep.include({ share: 'Bilder-2002', path, filename: 'my_girl.jpg', root })
    expect(delivered).to.include({ peer: mephisto.bare, device: mephisto.id, id: asked.id })
    // What is for every device comes to both: so this one has nothing before it.
    await mephisto.say('request', { id: newOfferId(), peer: faust.bare, filename: 'x', append: false })
    expect(await otherOfFaust.next('request')).to.include({ filename: 'x' })
    expect(await faust.next('request')).to.include({ filename: 'x' })
  })

  it('to a full JID goes to the device that published it all the same', async () => {
    await mephisto.say('request', request(otherOfFaust.jid, 'Bilder-2002'))
    expect(await faust.next('request')).to.include({ share: 'Bilder-2002' })
    expect(otherOfFaust.heard.untaken).to.equal(0)
  })

  it('is answered alike when there is no such peer, share or path, and when it is for others (case 100, P11)', async () => {
    const wanted = [
      request(faust.bare, 'Geheim-1', 'a'),
      request(faust.bare, 'Bilder-2002', '2002/other.jpg'),
      request(faust.bare, 'Bilder-2003'),
      request(faust.bare, 'Bilder-2002', '2002'),
      request(`nobody@${stage.prosody.domain}`, 'Bilder-2002'),
      request('nobody@nowhere.example', 'Bilder-2002'),
      request(mephisto.bare, 'Bilder-2002'),
    ]
    for (const one of wanted) {
      expect(await mephisto.refused('request', one), one.path).to.equal('item-not-found/cancel')
    }
    await gretchen.say('request', wanted[0]!)
    expect(await faust.next('request')).to.include({ peer: gretchen.bare, share: 'Geheim-1' })
  })

  it('never goes from a device to itself', async () => {
    expect(await faust.refused('request', request(faust.bare, 'Bilder-2002'))).to.equal(
      'item-not-found/cancel',
    )
    await otherOfFaust.say('request', request(faust.bare, 'Bilder-2002'))
    expect(await faust.next('request')).to.include({ device: otherOfFaust.id })
  })

  it('of somebody who is blocked is answered as if there were nothing (case 24)', async () => {
    await publisher.ask('blocking', { domains: [], peers: [mephisto.bare] })
    expect(await mephisto.refused('request', request(faust.bare, 'Bilder-2002'))).to.equal(
      'item-not-found/cancel',
    )
    await publisher.ask('blocking', { domains: [], peers: [] })
    await mephisto.say('request', request(faust.bare, 'Bilder-2002'))
    await faust.next('request')
  })

  it('is refused once it was taken back; what was recorded before is answered the same (case 100)', async () => {
    const early = request(faust.bare, 'Bilder-2002')
    await mephisto.say('request', early)
    await faust.next('request')
    await publisher.ask('publish', { share: 'Bilder-2002', base: 1, seq: 2, removes: [path], adds: [] })
    expect(await mephisto.refused('request', request(faust.bare, 'Bilder-2002'))).to.equal(
      'item-not-found/cancel',
    )
    await mephisto.say('request', early)
    await publisher.ask('publish', { share: 'Bilder-2002', base: 2, seq: 3, removes: [], adds: [entry] })
  })

  it('waits for a device that is away, as any request does (case 23)', async () => {
    await faust.logOut()
    await mephisto.say('request', request(faust.bare, 'Bilder-2002'))
    await faust.logIn()
    expect(await faust.next('request')).to.include({ share: 'Bilder-2002' })
    expect(otherOfFaust.heard.untaken).to.equal(0)
  })

  it('and its withdrawal, said at once, are recorded in that order', async () => {
    const asked = request(faust.bare, 'Bilder-2002')
    const [, withdrawn] = await Promise.all([
      mephisto.say('request', asked),
      refusalOf(mephisto.say('abort', { id: asked.id })),
    ])
    expect(withdrawn).to.equal('result')
    // Of what was withdrawn before it was brought nothing is heard; what was delivered has ended.
    const later = request(faust.bare, 'Bilder-2002')
    await mephisto.say('request', later)
    const heard: string[] = []
    for (;;) {
      const { action, value } = await faust.heard.next()
      if (action === 'request' && value.id === later.id) break
      heard.push(action)
    }
    expect(heard.join()).to.be.oneOf(['', 'request,abort'])
    await mephisto.say('abort', { id: later.id })
    await faust.next('abort')
  })

  it('waits in a queue whose places its author hears, from the device that is asked alone', async () => {
    const asked = request(faust.bare, 'Bilder-2002')
    await mephisto.say('request', asked)
    const { sid } = await faust.next('request')
    await faust.say('queued', { sid: sid!, place: 3 })
    expect(await mephisto.next('queued')).to.include({ sid, id: asked.id, place: 3, peer: faust.bare })
    expect(await mephisto.refused('queued', { sid: sid!, place: 1 })).to.equal('forbidden/auth')
    expect(await otherOfFaust.refused('queued', { sid: sid!, place: 1 })).to.equal('item-not-found/cancel')
    await faust.say('decline', { sid: sid!, reason: 'policy', block: false, over: false })
    expect(await faust.refused('queued', { sid: sid!, place: 1 })).to.match(/^unexpected-request\/wait/)
  })
})
