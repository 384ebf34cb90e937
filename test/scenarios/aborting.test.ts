/** Stopping: abort by either side in every state, pause by the end of the socket, and a source that changes. */

import { appendFileSync, readdirSync } from 'node:fs'
import { expect } from 'chai'
import type { Peer } from './peer.js'
import { digestOf, mebibyte, randomFile, Stage, stuckHalfWay } from './stage.js'
import type { HeldUp } from './words.js'

describe('stopping a transfer', function () {
  this.timeout(180_000)
  const stage = new Stage()
  let faust: Peer
  let mephisto: Peer
  let into: string

  before(async () => {
    await stage.open()
    ;[faust, mephisto] = await Promise.all([stage.peer('faust', 15), stage.peer('mephisto')])
  })
  after(() => stage.close())

  beforeEach(async () => {
    into = mephisto.folder()
    await firewalls(false)
    await faust.begin({ linkDeadlineMs: 2_000 })
    await mephisto.begin({ linkDeadlineMs: 2_000 }, { offers: { into } })
  })

  const firewalls = (isUp: boolean) =>
    Promise.all([faust, mephisto].map((peer) => peer.order('firewall', { isUp })))

  const size = 32 * mebibyte

  async function sends(bytes = size, heldUp?: HeldUp) {
    const { path, digest } = randomFile(faust.folder(), 'my_girl.jpg', bytes)
    const { key } = await faust.order('send', { peer: mephisto.jid, path, ...(heldUp && { heldUp }) })
    return { key, path, digest }
  }

  /** It stays in the middle until the sender is let go. */
  async function halfWay() {
    const offered = await sends(size, stuckHalfWay(size))
    const { key: sid } = await mephisto.inTheMiddle()
    return { ...offered, sid }
  }

  async function ends(key: string, sid: string) {
    const [sent, received] = await Promise.all([faust.finished(key), mephisto.finished(sid)])
    return [sent.code, received.code]
  }

  const nothingFinal = () =>
    expect(readdirSync(into).filter((name) => !name.startsWith('.'))).to.deep.equal([])

  it('ends an offer that the sender takes back before anybody answered', async () => {
    await mephisto.order('manners', { offers: 'ask' })
    const { key } = await sends()
    const { sid } = await mephisto.hear('offer')
    await faust.order('abort', { key })
    expect(await faust.finished(key)).to.include({ code: 'aborted' })
    expect(await mephisto.finished(sid)).to.include({ code: 'aborted-by-peer' })
    expect(await mephisto.hear('gone')).to.deep.equal({ sid, code: 'aborted-by-peer' })
    const answered = mephisto.order('answer', { sid, accept: { into } })
    expect(await answered.catch(({ code }) => code)).to.equal('wrong-state')
  })

  it('ends everywhere when the receiver aborts while a link is looked for', async () => {
    await firewalls(true)
    const { key } = await sends()
    const { key: sid } = await mephisto.hear('transfer')
    await faust.hear('state', ({ state }) => state === 'linking')
    await mephisto.order('abort', { key: sid })
    expect(await ends(key, sid)).to.deep.equal(['aborted-by-peer', 'aborted'])
  })

  it('ends everywhere when the sender aborts while a link is looked for', async () => {
    await firewalls(true)
    const { key } = await sends()
    const { key: sid } = await mephisto.hear('transfer')
    await faust.hear('state', ({ state }) => state === 'linking')
    await faust.order('abort', { key })
    expect(await ends(key, sid)).to.deep.equal(['aborted', 'aborted-by-peer'])
  })

  it('ends everywhere when the receiver aborts in the middle, and no file has its name', async () => {
    const { key, sid } = await halfWay()
    await mephisto.order('abort', { key: sid })
    expect(await ends(key, sid)).to.deep.equal(['aborted-by-peer', 'aborted'])
    nothingFinal()
  })

  it('ends everywhere when the sender aborts in the middle, and no file has its name', async () => {
    const { key, sid } = await halfWay()
    await faust.order('abort', { key })
    expect(await ends(key, sid)).to.deep.equal(['aborted', 'aborted-by-peer'])
    nothingFinal()
  })

  it('ends everywhere when either aborts between two attempts', async () => {
    const { key, sid } = await halfWay()
    await faust.kill()
    await mephisto.hear('state', ({ state }) => state === 'waiting')
    await mephisto.order('abort', { key: sid })
    expect(await mephisto.finished(sid)).to.include({ code: 'aborted' })
    await faust.start()
    await faust.beginAgain()
    expect(await faust.finished(sid).catch(() => faust.finished(key))).to.include({ code: 'aborted-by-peer' })
  })

  it('ends everywhere when the sender aborts between two attempts, and the receiver hears of it when it is back', async () => {
    const { key, sid } = await halfWay()
    await mephisto.kill()
    await faust.hear('state', ({ state }) => state === 'waiting')
    await faust.order('abort', { key })
    // The last word is the receiver's, which may have all of it.
    await faust.hear('state', ({ state }) => state === 'aborting')
    await mephisto.start()
    await mephisto.beginAgain()
    expect(await ends(key, sid)).to.deep.equal(['aborted', 'aborted-by-peer'])
    nothingFinal()
  })

  for (const [who, codes] of [
    ['sender', ['aborted', 'aborted-by-peer']],
    ['receiver', ['aborted-by-peer', 'aborted']],
  ] as const) {
    it(`ends everywhere when the ${who} aborts while it is paused`, async () => {
      const { key, sid } = await halfWay()
      await mephisto.order('pause', { key: sid })
      await faust.hear('state', ({ state }) => state === 'paused')
      if (who === 'sender') await faust.order('abort', { key })
      else await mephisto.order('abort', { key: sid })
      const told = await Promise.all(
        [faust, mephisto].map((peer) => peer.hear('state', ({ state }) => state === 'aborted')),
      )
      expect(told.map(({ code }) => code)).to.deep.equal(codes)
      nothingFinal()
    })
  }

  it('lets an abort of something that is complete change nothing (case 13)', async () => {
    const { key } = await sends(1_000)
    await faust.finished(key)
    expect(await faust.order('abort', { key }).catch(({ code }) => code)).to.equal('wrong-state')
  })

  it('has one end, the same everywhere, when abort and complete cross (case 13, P6)', async () => {
    for (let round = 0; round < 5; round++) {
      const { key } = await sends(2 * mebibyte)
      const { key: sid } = await mephisto.hear('transfer', ({ key }) => !seen.has(key))
      seen.add(sid)
      await mephisto.hear('state', (one) => one.key === sid && one.state === 'moving')
      faust.order('abort', { key }).catch(() => undefined)
      const [sent, received] = await Promise.all([faust.finished(key), mephisto.finished(sid)])
      expect(sent.root).to.equal(received.root)
      const ends = [sent.code, received.code].join()
      expect(ends).to.be.oneOf([',', 'aborted,aborted-by-peer'])
    }
  })
  const seen = new Set<string>()

  it('pauses when the receiver closes the socket on purpose, and goes on later', async () => {
    const { key, sid, digest } = await halfWay()
    await mephisto.order('pause', { key: sid })
    expect(await mephisto.finished(sid)).to.include({ code: 'paused', resumable: true })
    await faust.hear('state', ({ state }) => state === 'paused')
    await faust.order('letGo', null)
    await mephisto.order('resume', { key: sid })
    const { path, bytesMoved } = await mephisto.finished(sid)
    expect(digestOf(path!)).to.equal(digest)
    expect(bytesMoved).to.be.at.most(size + 9 * mebibyte)
    expect(await faust.finished(key)).to.not.have.property('code')
  })

  it('pauses when the sender closes the socket on purpose, and goes on later', async () => {
    const { key, sid, digest } = await halfWay()
    await faust.order('pause', { key })
    expect(await faust.finished(key)).to.include({ code: 'paused', resumable: true })
    await mephisto.hear('state', ({ state }) => state === 'paused')
    await faust.order('letGo', null)
    await faust.order('resume', { key })
    const { path } = await mephisto.finished(sid)
    expect(digestOf(path!)).to.equal(digest)
    expect(await faust.finished(key)).to.not.have.property('code')
  })

  it('ends as source-changed on both sides when the file changes in the middle (case 96, P5)', async () => {
    const { key, sid, path } = await halfWay()
    appendFileSync(path, 'more')
    await faust.order('letGo', null)
    expect(await ends(key, sid)).to.deep.equal(['source-changed', 'source-changed'])
    nothingFinal()
  })

  it('ends as source-changed on both sides when the file changed before the accept (case 96)', async () => {
    await mephisto.order('manners', { offers: 'ask' })
    const { key, path } = await sends(1_000)
    const { sid } = await mephisto.hear('offer')
    appendFileSync(path, 'more')
    await mephisto.order('answer', { sid, accept: { into } })
    expect(await ends(key, sid)).to.deep.equal(['source-changed', 'source-changed'])
    nothingFinal()
  })
})
