/** Whoever is blocked, and whoever is absent, are told the same; and an offer can be for one device. On a real Prosody. */

import { expect } from 'chai'
import { blocking } from '../../schemas/index.js'
import { ping } from '../../schemas/xep/ping.js'
import { type Device, newOfferId, Stage, someFile, someWay, token } from './stage.js'

describe('one who is blocked', function () {
  this.timeout(180_000)
  let stage: Stage
  let faust: Device
  let people = 0

  before(async () => {
    stage = await Stage.open()
    faust = await stage.device('faust')
  })
  after(() => stage.close())

  const offering = (peer: string) => ({ id: newOfferId(), peer, every: false, files: [someFile()] })
  const block = (who: Device, peers: string[], domains: string[] = []) =>
    who.ask(blocking.write({ peers, domains }))
  /** Whatever was on its way to this device is here. */
  const settled = (who: Device) => who.ask(ping(), 'get')

  for (const [what, list] of [
    ['himself', { peers: ['faust@localhost'], domains: [] }],
    ['with his domain', { peers: [], domains: ['localhost'] }],
  ] as const) {
    it(`${what} offers and requests, and is answered as if nobody were there (case 23, case 24, P23)`, async () => {
      const marthe = await stage.device(`marthe${++people}`)
      await block(marthe, [...list.peers], [...list.domains])
      const nobody = `nobody${people}@localhost`
      for (const peer of [marthe.bare, nobody]) {
        const offer = offering(peer)
        expect(await faust.say('offer', offer)).to.equal(undefined)
        const request = { id: newOfferId(), peer, filename: 'my_girl.jpg', append: false }
        expect(await faust.say('request', request)).to.equal(undefined)
        expect(await faust.say('abort', { id: offer.id })).to.equal(undefined)
      }
      await settled(marthe)
      // Neither does one that logs in later get it.
      const phone = await stage.device(marthe.bare.split('@')[0]!)
      await settled(phone)
      await settled(faust)
      expect([marthe.heard.untaken, phone.heard.untaken, faust.heard.untaken]).to.deep.equal([0, 0, 0])
    })
  }

  it('is heard when he is not blocked any more, by devices that are here or log in; others always', async () => {
    const marthe = await stage.device(`marthe${++people}`)
    await block(marthe, ['faust@localhost'])
    const offer = offering(marthe.bare)
    await faust.say('offer', offer)
    const wagner = await stage.device('wagner')
    await wagner.say('offer', offering(marthe.bare))
    expect(await marthe.next('offer')).to.include({ peer: wagner.bare })
    await block(marthe, [])
    expect(await marthe.next('offer')).to.include({ id: offer.id })
    const phone = await stage.device(marthe.bare.split('@')[0]!)
    expect(await phone.next('offer')).to.include({ id: offer.id })
  })

  it('is not the person himself: an offer to another device of one’s own always arrives', async () => {
    const desk = await stage.device(`marthe${++people}`)
    const phone = await stage.device(`marthe${people}`)
    await block(desk, [desk.bare], ['localhost'])
    await phone.say('offer', offering(phone.bare))
    expect(await desk.next('offer')).to.include({ peer: phone.bare, device: phone.id })
  })

  it('survives a restart of the component, as what is blocked', async () => {
    const marthe = await stage.device(`marthe${++people}`)
    await block(marthe, ['faust@localhost'])
    await stage.component.stop()
    await stage.startComponent()
    await Promise.all([marthe.logIn(), faust.logIn()])
    await faust.say('offer', offering(marthe.bare))
    await settled(marthe)
    expect(marthe.heard.untaken).to.equal(0)
  })
})

describe('an offer for one device', function () {
  this.timeout(180_000)
  let stage: Stage

  before(async () => {
    stage = await Stage.open()
  })
  after(() => stage.close())

  it('goes to that one, now or when it logs in, and to no other', async () => {
    const faust = await stage.device('faust')
    const desk = await stage.device('mephisto')
    const phone = await stage.client('mephisto')
    const value = { peer: desk.bare, device: phone.id, every: false, files: [someFile()] }
    await faust.say('offer', { ...value, id: newOfferId() })
    await phone.logIn()
    const { sid } = await phone.next('offer')
    const way = { attempt: 1, way: someWay(), token: token(), append: false, files: [] }
    await phone.say('accept', { sid: sid!, ...way })
    expect(await faust.next('accept')).to.include({ device: phone.id })
    await desk.ask(ping(), 'get')
    expect(desk.heard.untaken).to.equal(0)
  })
})
