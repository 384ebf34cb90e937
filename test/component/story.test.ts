/** The story of one file through the component, on a real Prosody. */

import { expect } from 'chai'
import { type Device, newOfferId, Stage, saysLoggedIn, someFile, someWay, token } from './stage.js'

describe('the component mediates one transfer from offer to complete', () => {
  let stage: Stage
  let faust: Device
  let mephisto: Device

  before(async () => {
    stage = await Stage.open()
    faust = await stage.device('faust')
    mephisto = await stage.device('mephisto')
  })
  after(() => stage.close())

  it('a login is answered with presence that says so', async () => {
    const gretchen = await stage.client('gretchen')
    expect(saysLoggedIn(await gretchen.logIn())).to.equal(true)
  })

  it('offer, accept, listening, append, complete reach the other device, stamped with who the other is', async () => {
    const id = newOfferId()
    await faust.say('offer', {
      id,
      peer: mephisto.bare,
      every: false,
      files: [someFile()],
      desc: 'from yesterday',
    })
    const offer = await mephisto.next('offer')
    expect(offer).to.include({ id, peer: faust.bare, device: faust.id, desc: 'from yesterday' })
    expect(offer.files[0]).to.include({ filename: 'my_girl.jpg', filesize: 35_012 })
    const sid = offer.sid!
    expect(sid).to.match(/^[0-9a-f]{32}$/)

    const secret = token()
    await mephisto.say('accept', { sid, attempt: 1, way: someWay(), token: secret, append: false, files: [] })
    const accept = await faust.next('accept')
    expect(accept).to.include({ id, sid, peer: mephisto.bare, device: mephisto.id, attempt: 1 })
    expect(accept.way).to.deep.equal(someWay())
    expect(accept.token).to.deep.equal(secret)

    await faust.say('listening', { sid, attempt: 1, way: someWay() })
    expect(await mephisto.next('listening')).to.include({ sid, attempt: 1 })
    await faust.say('timeout', { sid, attempt: 1 })
    expect(await mephisto.next('timeout')).to.include({ sid, attempt: 1 })

    await mephisto.say('append', {
      sid,
      attempt: 2,
      way: { kind: 'connecting' },
      token: secret,
      filebytesdone: 13_000,
    })
    expect(await faust.next('append')).to.include({ sid, attempt: 2, filebytesdone: 13_000 })
    await faust.say('connecting', { sid, attempt: 2, way: { kind: 'connecting' } })
    expect(await mephisto.next('connecting')).to.include({ sid, attempt: 2 })

    await mephisto.say('complete', { sid, attempt: 2, root: new Uint8Array(32).fill(7) })
    expect(await faust.next('complete')).to.include({ sid, attempt: 2, device: mephisto.id })
  })
})
