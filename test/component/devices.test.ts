/** Several devices of one person, and devices that come and go, on a real Prosody. */

import { expect } from 'chai'
import { ping } from '../../schemas/xep/ping.js'
import { Refused } from '../../wire/index.js'
import { type Device, newDevice, newOfferId, Stage, saysLoggedIn, someFile, someWay, token } from './stage.js'

describe('devices that come and go', () => {
  let stage: Stage
  let faust: Device
  let people = 0

  before(async () => {
    stage = await Stage.open()
    faust = await stage.device('faust')
  })
  after(() => stage.close())

  /** Somebody nobody has offered anything to. */
  const somebody = () => `mephisto${++people}`
  const offering = (peer: string, every = false) => ({ id: newOfferId(), peer, every, files: [someFile()] })
  const accepting = (sid: string) => ({
    sid,
    attempt: 1,
    way: someWay(),
    token: token(),
    append: false,
    files: [],
  })
  const root = new Uint8Array(32).fill(7)

  it('an offer goes to every device; the first accept takes it from the others (P6)', async () => {
    const name = somebody()
    const desk = await stage.device(name)
    const phone = await stage.device(name)
    await faust.say('offer', offering(desk.bare))
    const [onDesk, onPhone] = [await desk.next('offer'), await phone.next('offer')]
    expect(onDesk.sid).not.to.equal(onPhone.sid)
    await phone.say('accept', accepting(onPhone.sid!))
    expect(await faust.next('accept')).to.include({ sid: onPhone.sid, device: phone.id })
    expect(await desk.next('abort')).to.include({ sid: onDesk.sid, reason: 'taken' })
    expect(await desk.refused('accept', accepting(onDesk.sid!))).to.equal(
      'unexpected-request/wait state taken 0',
    )
    const late = await stage.device(name)
    await late.ask(ping(), 'get')
    expect(late.heard.untaken).to.equal(0)
  })

  it('an offer for every device may be accepted by each, also by one that comes later', async () => {
    const name = somebody()
    const desk = await stage.device(name)
    await faust.say('offer', offering(desk.bare, true))
    const onDesk = await desk.next('offer')
    await desk.say('accept', accepting(onDesk.sid!))
    await faust.next('accept')
    const phone = await stage.device(name)
    const onPhone = await phone.next('offer')
    await phone.say('accept', accepting(onPhone.sid!))
    expect(await faust.next('accept')).to.include({ sid: onPhone.sid })
  })

  it('its author hears once that nobody is left when all have declined', async () => {
    const name = somebody()
    const desk = await stage.device(name)
    const phone = await stage.device(name)
    await faust.say('offer', offering(desk.bare))
    const no = { block: false, over: false }
    await desk.say('decline', { sid: (await desk.next('offer')).sid, ...no })
    expect(await faust.next('decline')).to.include({ over: false })
    await phone.say('decline', { sid: (await phone.next('offer')).sid, ...no, reason: 'user' })
    expect(await faust.next('decline')).to.include({ over: true, reason: 'user' })
  })

  it('an offer waits for who is absent, and is there when they log in (case 23)', async () => {
    const name = somebody()
    const { id } = await offer(`${name}@localhost`)
    const mephisto = await stage.device(name)
    expect(await mephisto.next('offer')).to.include({ id, peer: faust.bare })
  })

  it('an offer to one resource goes to that one only', async () => {
    const name = somebody()
    const desk = await stage.device(name, newDevice(), 'desk')
    const phone = await stage.device(name, newDevice(), 'phone')
    await offer(`${name}@localhost/phone`)
    await phone.next('offer')
    await offer(`${name}@localhost`)
    await desk.next('offer')
    expect(desk.heard.untaken).to.equal(0)
  })

  it('an author that takes the whole offer back tells all devices, by the only name it knows', async () => {
    const name = somebody()
    const desk = await stage.device(name)
    const phone = await stage.device(name)
    const { id } = await offer(desk.bare)
    const [onDesk, onPhone] = [await desk.next('offer'), await phone.next('offer')]
    await faust.say('abort', { id, reason: 'user' })
    expect(await desk.next('abort')).to.include({ sid: onDesk.sid, reason: 'user' })
    expect(await phone.next('abort')).to.include({ sid: onPhone.sid })
    expect(await faust.refused('abort', { id })).to.equal('result')
    expect(await faust.refused('abort', { id: newOfferId() })).to.equal('item-not-found/cancel')
  })

  it('a device that logs in elsewhere takes its transfers along, and the old place is fenced (P9)', async () => {
    const name = somebody()
    const device = newDevice()
    const before = await stage.device(name, device)
    await offer(before.bare)
    const { sid } = await before.next('offer')
    const now = await stage.device(name, device)
    expect(await before.refused('accept', accepting(sid!))).to.equal('item-not-found/cancel')
    await now.say('accept', accepting(sid!))
    expect(await faust.next('accept')).to.include({ sid, device })
    await faust.say('listening', { sid, attempt: 1, way: someWay() })
    expect(await now.next('listening')).to.include({ sid })
    // It comes back only by logging in.
    expect(saysLoggedIn(await before.logIn())).to.equal(true)
    expect(await now.refused('abort', { sid })).to.equal('item-not-found/cancel')
    expect(await before.refused('abort', { sid })).to.equal('result')
    await faust.next('abort')
  })

  it('a sender that is away is said to be, and the receiver is told once when it is back', async () => {
    const name = somebody()
    const [author, mephisto] = [await stage.device(somebody()), await stage.device(name)]
    await author.say('offer', offering(mephisto.bare))
    const { sid } = await mephisto.next('offer')
    await mephisto.say('accept', accepting(sid!))
    await author.next('accept')
    await author.entity.stop()
    const append = { sid, attempt: 2, way: someWay(), token: token(), filebytesdone: 13_000 }
    // Until the server's word that the author has gone has come through, appends are taken.
    let attempt = 2
    let answer = await mephisto.refused('append', { ...append, attempt })
    while (answer === 'result') answer = await mephisto.refused('append', { ...append, attempt: ++attempt })
    expect(answer).to.equal('recipient-unavailable/wait')
    expect(await mephisto.refused('append', { ...append, attempt })).to.equal('recipient-unavailable/wait')
    const back = await stage.client(author.bare.split('@')[0]!, author.id)
    await back.logIn()
    expect(await mephisto.next('ready')).to.include({ sid, device: author.id })
    expect(await mephisto.refused('append', { ...append, attempt })).to.equal('result')
    while ((await back.next('append')).attempt !== attempt);
    expect(mephisto.heard.untaken).to.equal(0)
  })

  it('what a device did not answer is brought again at its next login, without addresses', async () => {
    const name = somebody()
    const mephisto = await stage.device(name)
    const author = await stage.device(somebody())
    await author.say('offer', offering(mephisto.bare))
    const { sid } = await mephisto.next('offer')
    // The author's device goes down with the accept on its way.
    author.onDelivery = () => new Promise(() => {})
    await mephisto.say('accept', accepting(sid!))
    await author.entity.stop()
    const back = await stage.device(author.bare.split('@')[0]!, author.id)
    const accept = await back.next('accept')
    expect(accept).to.include({ sid, attempt: 1 })
    expect(accept.way).to.equal(undefined)
    expect(accept.token).to.equal(undefined)
  })

  it('a device that refuses a delivery for good is not asked again, and what follows comes', async () => {
    const mephisto = await stage.device(somebody())
    mephisto.onDelivery = ({ action }) => {
      if (action === 'offer') throw Refused.by('not-acceptable')
    }
    const first = await offer(mephisto.bare)
    mephisto.onDelivery = () => {}
    const second = await offer(mephisto.bare)
    // The first may have come after the second was said.
    expect((await mephisto.next('offer')).id).to.be.oneOf([first.id, second.id])
  })

  it('a request is answered by the device that has the file, and the asker completes it', async () => {
    const mephisto = await stage.device(somebody())
    const id = newOfferId()
    await faust.say('request', {
      id,
      peer: mephisto.bare,
      filename: 'song_hell.mp3',
      append: true,
      filebytesdone: 66_000,
    })
    const { sid, ...request } = await mephisto.next('request')
    expect(request).to.include({ filename: 'song_hell.mp3', filebytesdone: 66_000, append: true })
    // The token is the receiving side's: what the sending side says of one is not passed on.
    const files = [someFile('song_hell.mp3')]
    await mephisto.say('accept', { ...accepting(sid!), files })
    const accept = await faust.next('accept')
    expect(accept.files[0]).to.include({ filename: 'song_hell.mp3' })
    expect(accept.token).to.equal(undefined)
    await faust.say('connecting', { sid, attempt: 1, way: { kind: 'connecting' }, token: token() })
    expect((await mephisto.next('connecting')).token).to.have.lengthOf(32)
    await faust.say('complete', { sid, attempt: 1, root })
    expect(await mephisto.next('complete')).to.include({ sid })
  })

  it('another file under the name that was asked for is put forward, and taken or blocked', async () => {
    const mephisto = await stage.device(somebody())
    const ask = async () => {
      await faust.say('request', {
        id: newOfferId(),
        peer: mephisto.bare,
        filename: 'song_hell.mp3',
        filesize: 3_050_122,
        append: false,
      })
      const { sid } = await mephisto.next('request')
      const files = [{ ...someFile('song_hell.mp3'), filesize: 3_050_743 }]
      await mephisto.say('offer', { sid, every: false, files })
      expect(await mephisto.refused('offer', { sid, every: false, files })).to.equal('result')
      expect(await mephisto.refused('offer', { sid, every: false, files: [someFile('x')] })).to.equal(
        'conflict/cancel',
      )
      const other = await faust.next('offer')
      expect(other).to.include({ sid, peer: mephisto.bare })
      expect(other.files[0]!.filesize).to.equal(3_050_743)
      return sid!
    }
    const blocked = await ask()
    await faust.say('decline', { sid: blocked, block: true, over: false })
    expect(await mephisto.next('decline')).to.include({ sid: blocked, block: true })
    const taken = await ask()
    await faust.say('accept', accepting(taken))
    const accept = await mephisto.next('accept')
    expect(accept).to.include({ sid: taken })
    expect(accept.token).to.have.lengthOf(32)
  })

  async function offer(peer: string) {
    const value = offering(peer)
    await faust.say('offer', value)
    return value
  }
})
