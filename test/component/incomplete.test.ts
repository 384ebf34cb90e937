/** Words about an attempt in which no link could come to be, on a real Prosody; and such as were recorded before they were refused. */

import { expect } from 'chai'
import { type Device, newOfferId, Stage, someFile, someWay, token } from './stage.js'

describe('words about an attempt, on a real Prosody', () => {
  let stage: Stage
  let faust: Device
  let mephisto: Device
  const way = someWay()
  const connecting = { kind: 'connecting' as const }
  const noFiles = { append: false, files: [] }

  before(async () => {
    stage = await Stage.open()
    faust = await stage.device('faust')
    mephisto = await stage.device('mephisto')
  })
  after(() => stage.close())

  async function offered(): Promise<string> {
    await faust.say('offer', { id: newOfferId(), peer: mephisto.bare, every: false, files: [someFile()] })
    return (await mephisto.next('offer')).sid!
  }
  async function requested(): Promise<string> {
    const filename = 'song_hell.mp3'
    await faust.say('request', { id: newOfferId(), peer: mephisto.bare, filename, append: false })
    return (await mephisto.next('request')).sid!
  }

  it('an accept of an offer without a token or a way is refused, and is none', async () => {
    const sid = await offered()
    const accept = { sid, attempt: 1, ...noFiles }
    expect(await mephisto.refused('accept', { ...accept, way })).to.equal(
      'bad-request/modify field accept/token',
    )
    expect(await mephisto.refused('accept', { ...accept, token: token() })).to.equal(
      'bad-request/modify field accept/listening',
    )
    // It stands as it did.
    await mephisto.say('accept', { ...accept, way, token: token() })
    expect((await faust.next('accept')).token).to.have.lengthOf(32)
    expect(faust.heard.untaken).to.equal(0)
  })

  it('an append without a token or a way is refused, and counts for no attempt', async () => {
    const sid = await offered()
    await mephisto.say('accept', { sid, attempt: 1, way, token: token(), ...noFiles })
    await faust.next('accept')
    const append = { sid, attempt: 2, filebytesdone: 1 }
    expect(await mephisto.refused('append', { ...append, way })).to.equal(
      'bad-request/modify field append/token',
    )
    expect(await mephisto.refused('append', { ...append, token: token() })).to.equal(
      'bad-request/modify field append/listening',
    )
    await mephisto.say('append', { ...append, way: connecting, token: token() })
    expect(await faust.next('append')).to.include({ attempt: 2 })
  })

  it('where the sending side opens, the token is to be in the answer', async () => {
    const sid = await requested()
    const accept = { sid, attempt: 1, append: false, files: [someFile('song_hell.mp3')] }
    expect(await mephisto.refused('accept', accept)).to.equal('bad-request/modify field accept/listening')
    await mephisto.say('accept', { ...accept, way })
    await faust.next('accept')
    expect(await faust.refused('connecting', { sid, attempt: 1, way: connecting })).to.equal(
      'bad-request/modify field connecting/token',
    )
    expect(await faust.refused('listening', { sid, attempt: 1, way })).to.equal(
      'bad-request/modify field listening/token',
    )
    expect(mephisto.heard.untaken).to.equal(0)
    await faust.say('listening', { sid, attempt: 1, way, token: token() })
    expect((await mephisto.next('listening')).token).to.have.lengthOf(32)
  })

  it('who answers a request says which file it is, and of one only, or puts one forward', async () => {
    const sid = await requested()
    const accept = { sid, attempt: 1, way, append: false }
    const both = [someFile('a.mp3'), someFile('b.mp3')]
    for (const files of [[], both]) {
      expect(await mephisto.refused('accept', { ...accept, files })).to.equal(
        'bad-request/modify field accept/file',
      )
    }
    expect(await mephisto.refused('offer', { sid, every: false, files: both })).to.equal(
      'bad-request/modify field offer/file',
    )
    expect(faust.heard.untaken).to.equal(0)
    await mephisto.say('accept', { ...accept, files: [someFile('a.mp3')] })
    expect((await faust.next('accept')).files).to.have.lengthOf(1)
  })

  it('the sending side, which has none to give, answers without', async () => {
    const sid = await offered()
    await mephisto.say('accept', { sid, attempt: 1, way, token: token(), ...noFiles })
    await faust.next('accept')
    await faust.say('connecting', { sid, attempt: 1, way: connecting })
    await mephisto.next('connecting')
    await faust.say('listening', { sid, attempt: 1, way })
    await mephisto.next('listening')
  })

  it('says nothing of it to strangers, and to who says the word of another that it is not his', async () => {
    const sid = await offered()
    const wagner = await stage.device('wagner')
    expect(await wagner.refused('accept', { sid, attempt: 1, ...noFiles })).to.equal('item-not-found/cancel')
    expect(await faust.refused('accept', { sid, attempt: 1, way, ...noFiles })).to.equal('forbidden/auth')
  })

  it('a transfer whose accept has lost its token goes on, as does one recorded without', async () => {
    const sid = await offered()
    // What is stored of an accept never had one: so it is the same as if it had been said without.
    let isThere = false
    const there = new Promise<void>((resolve) => {
      faust.onDelivery = ({ action }) => {
        if (action === 'accept' && !isThere) {
          isThere = true
          resolve()
          return new Promise(() => {})
        }
        return undefined
      }
    })
    await mephisto.say('accept', { sid, attempt: 1, way, token: token(), ...noFiles })
    await there
    await stage.component.stop()
    await stage.startComponent()
    faust.onDelivery = () => {}
    await faust.logIn()
    await mephisto.logIn()
    const accept = await faust.next('accept')
    expect(accept).to.include({ sid, attempt: 1 })
    expect(accept.token ?? accept.way).to.equal(undefined)
    await faust.say('timeout', { sid, attempt: 1 })
    expect(await mephisto.next('timeout')).to.include({ sid })
    await mephisto.say('append', { sid, attempt: 2, way, token: token(), filebytesdone: 0 })
    expect((await faust.next('append')).token).to.have.lengthOf(32)
    await mephisto.say('complete', { sid, attempt: 2, root: someFile().root })
    expect(await faust.next('complete')).to.include({ sid })
  })
})
