/** What breaks is taken up again: programs, streams, component and server, in the middle of a file. */

import { readdirSync, statSync } from 'node:fs'
import { expect } from 'chai'
import type { Peer } from './peer.js'
import { digestOf, mebibyte, randomFile, Stage, stuckHalfWay } from './stage.js'

describe('going on after a break', function () {
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
    await faust.begin()
    await mephisto.begin({}, { offers: { into } })
  })

  const size = 32 * mebibyte

  /** A transfer that is under way: more than nothing is there, and less than all, for as long as the sender is not let go. */
  async function halfWay(hashFirst = true) {
    const { path, digest } = randomFile(faust.folder(), 'my_girl.jpg', size)
    const heldUp = stuckHalfWay(size)
    const { key } = await faust.order('send', { peer: mephisto.jid, path, hashFirst, heldUp })
    const { key: sid, progress } = await mephisto.inTheMiddle()
    expect(progress.bytes).to.be.within(1, size - 1)
    return { key, sid, digest, path }
  }

  /** Both sides say complete, and the one file that is there is the one that was sent. */
  async function arrives(sid: string, digest: string) {
    await faust.order('letGo', null)
    const received = await mephisto.finished(sid)
    expect(received.code).to.equal(undefined)
    expect(digestOf(received.path!)).to.equal(digest)
    expect(readdirSync(into)).to.deep.equal(['my_girl.jpg'])
    const sent = await faust.finished(sid)
    expect(sent.root).to.equal(received.root)
    return { sent, received }
  }

  for (const hashFirst of [true, false]) {
    const known = hashFirst ? 'known' : 'not known'
    it(`arrives after the receiver was killed, its root ${known} (case 81, P3, P4)`, async () => {
      const { sid, digest } = await halfWay(hashFirst)
      await mephisto.kill()
      const [part] = readdirSync(into).filter((name) => name.endsWith('.part'))
      expect(statSync(`${into}/${part}`).size).to.be.within(1, size)
      await mephisto.revive()
      const { sent } = await arrives(sid, digest)
      expect(sent.bytesMoved).to.be.at.most(size + 9 * mebibyte)
      const first = mephisto.heard('progress').find(({ progress }) => progress.resumedFrom > 0)
      expect(first?.progress.attempt).to.be.greaterThan(1)
    })

    it(`arrives after the sender was killed, its root ${known} (case 81, P3, P4)`, async () => {
      const { sid, digest } = await halfWay(hashFirst)
      await faust.kill()
      await mephisto.hear('state', ({ state }) => state === 'waiting')
      await faust.revive()
      const { received } = await arrives(sid, digest)
      expect(received.bytesMoved).to.be.at.most(size + 9 * mebibyte)
    })
  }

  it('arrives after both were killed', async () => {
    const { sid, digest } = await halfWay()
    await Promise.all([faust.kill(), mephisto.kill()])
    await Promise.all([faust.revive(), mephisto.revive()])
    await arrives(sid, digest)
  })

  it('goes on while the streams are away, in the same attempt', async () => {
    const { sid, digest } = await halfWay()
    await Promise.all([faust.order('cut', null), mephisto.order('cut', null)])
    await mephisto.hear('away')
    await arrives(sid, digest)
    expect(mephisto.heard('progress').at(-1)!.progress.attempt).to.equal(1)
  })

  it('goes on while the component is away, and both hear of the end when it is back (P6, P19)', async () => {
    const { sid, digest } = await halfWay()
    await stage.stopComponent()
    await faust.order('letGo', null)
    await mephisto.hear('progress', ({ progress }) => progress.bytes === size)
    await stage.startComponent()
    await arrives(sid, digest)
  })

  it('arrives after the server was killed in the middle, and one of the two with it (case 36)', async () => {
    const { sid, digest } = await halfWay()
    await Promise.all([stage.prosody.kill(), mephisto.kill()])
    await stage.prosody.restart()
    await mephisto.revive()
    await arrives(sid, digest)
  })

  it('reaches a sender that was away when it was accepted', async () => {
    await mephisto.order('manners', { offers: 'ask' })
    const { path, digest } = randomFile(faust.folder(), 'my_girl.jpg', mebibyte)
    await faust.order('send', { peer: mephisto.jid, path })
    const { sid } = await mephisto.hear('offer')
    await faust.kill()
    await mephisto.order('answer', { sid, accept: { into } })
    await faust.revive()
    await arrives(sid, digest)
  })

  it('reaches a receiver that was away when it was offered', async () => {
    await mephisto.kill()
    const { path, digest } = randomFile(faust.folder(), 'my_girl.jpg', mebibyte)
    const { key } = await faust.order('send', { peer: mephisto.jid, path })
    await mephisto.revive()
    const { sid } = await mephisto.hear('offer')
    await arrives(sid, digest)
    expect(await faust.finished(key)).to.not.have.property('code')
  })

  it('shows an offer again after a restart, if it was not answered', async () => {
    await mephisto.order('manners', { offers: 'ask' })
    const { path, digest } = randomFile(faust.folder(), 'my_girl.jpg', mebibyte)
    await faust.order('send', { peer: mephisto.jid, path })
    const { sid } = await mephisto.hear('offer')
    await mephisto.kill()
    await mephisto.revive()
    await mephisto.hear('offer', (offer) => offer.sid === sid)
    await arrives(sid, digest)
  })

  it('fences a link that is still there when a newer attempt is said: one writer, one whole file (case 80)', async () => {
    const { sid, digest } = await halfWay()
    const token = Buffer.alloc(32, 7).toString('base64')
    const words = `<connecting/><token>${token}</token><filebytesdone>0</filebytesdone>`
    const payload = `<append xmlns='jabberfs:transfer:1' sid='${sid}' attempt='2'>${words}</append>`
    const to = stage.prosody.componentDomain
    // The old program of Mephisto would not know of it: nothing tells it but the end of its link.
    expect(await mephisto.order('say', { to, payload })).to.equal('result')
    await mephisto.hear('state', ({ state }) => state === 'waiting')
    const { received } = await arrives(sid, digest)
    expect(received.bytesMoved).to.be.at.most(size + 9 * mebibyte)
    expect(mephisto.heard('progress').at(-1)!.progress.attempt).to.equal(2)
  })
})
