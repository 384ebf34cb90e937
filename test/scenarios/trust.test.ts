/** Trust on first use, between real devices: who shows another device than those known is asked about, and nothing moves. */

import { expect } from 'chai'
import type { Peer } from './peer.js'
import { digestOf, mebibyte, randomFile, Stage, stuckHalfWay } from './stage.js'

describe('a person with another device', function () {
  this.timeout(180_000)
  const stage = new Stage()
  let faust: Peer
  let mephisto: Peer
  let into: string

  before(async () => {
    await stage.open()
    ;[faust, mephisto] = await Promise.all([stage.peer('faust'), stage.peer('mephisto')])
  })
  after(() => stage.close())

  beforeEach(async () => {
    into = mephisto.folder()
    await faust.begin()
    await mephisto.begin({}, { offers: { into } })
  })

  async function sent(name: string): Promise<{ key: string; digest: string }> {
    const { path, digest } = randomFile(faust.folder(), name, mebibyte)
    const { key } = await faust.order('send', { peer: mephisto.jid, path })
    return { key, digest }
  }
  async function arrived(name: string): Promise<void> {
    const { key, digest } = await sent(name)
    expect((await faust.finished(key)).code).to.equal(undefined)
    const { key: sid } = await mephisto.hear('transfer')
    expect(digestOf((await mephisto.finished(sid)).path!)).to.equal(digest)
  }

  it('who accepts our offer: no address goes to it, and after `trust` the transfer goes on by itself (P25)', async () => {
    await arrived('first.bin')
    const known = mephisto.device
    // A new key, as of a new installation or of somebody in between.
    await mephisto.begin({}, { offers: { into } })
    const { key, digest } = await sent('second.bin')
    const { peer, device, known: before } = await faust.hear('device')
    expect([peer, device]).to.deep.equal([mephisto.jid, mephisto.device])
    expect(before).to.deep.equal([known])
    expect(await faust.finished(key)).to.deep.equal({ code: 'unknown-device', resumable: true })
    const said = await faust.order('said', null)
    expect(
      said.filter((xml) => /<(listening|connecting) /.test(xml) && !xml.includes('device=')),
    ).to.have.length(1)
    // Taken up again while nobody is there who would show the device, it asks all the same, and says why it rests.
    await mephisto.kill()
    await faust.kill()
    await faust.revive()
    expect((await faust.hear('device')).device).to.equal(mephisto.device)
    const [listed] = await faust.order('transfers', null)
    expect(listed).to.include({ state: 'paused' })
    await mephisto.revive()
    await faust.order('trust', { peer, device })
    await faust.hear('state', ({ state }) => state === 'complete')
    const { key: sid } = await mephisto.hear('transfer')
    expect(digestOf((await mephisto.finished(sid)).path!)).to.equal(digest)
  })

  it('who offers: what was accepted waits, and nothing of it was said (P25)', async () => {
    await arrived('first.bin')
    await faust.begin()
    mephisto.forget()
    const { digest } = await sent('second.bin')
    const { sid, deviceLook } = await mephisto.hear('offer')
    expect(deviceLook).to.equal('unknown')
    const { device } = await mephisto.hear('device')
    expect(device).to.equal(faust.device)
    expect(await mephisto.finished(sid)).to.deep.equal({ code: 'unknown-device', resumable: true })
    // Taken up again without an answer, it asks again; also in the next program.
    await mephisto.kill()
    await mephisto.revive()
    await mephisto.hear('device')
    expect((await mephisto.order('transfers', null)).map(({ state }) => state)).to.include('paused')
    expect(faust.heard('state').map(({ state }) => state)).not.to.include('linking')
    await mephisto.order('trust', { peer: faust.jid, device })
    const { path } = await mephisto.finished(sid)
    expect(digestOf(path!)).to.equal(digest)
  })

  it('whose device is trusted no more stops what moves, and may be refused', async () => {
    const size = 64 * mebibyte
    const { path } = randomFile(faust.folder(), 'large.bin', size)
    const { key } = await faust.order('send', { peer: mephisto.jid, path, heldUp: stuckHalfWay(size) })
    await mephisto.inTheMiddle()
    await faust.order('distrust', { peer: mephisto.jid, device: mephisto.device })
    expect((await faust.finished(key)).code).to.equal('unknown-device')
    await mephisto.hear('state', ({ state }) => state === 'paused')
    await faust.order('resume', {})
    await faust.hear('device')
    await faust.order('refuse', null)
    await mephisto.hear('state', ({ state }) => state === 'aborted')
  })

  it('is asked about at once where one of them was verified, also with `trust: every` (P25)', async () => {
    await faust.begin({ trust: 'every' })
    await arrived('first.bin')
    await mephisto.begin({}, { offers: { into } })
    await arrived('second.bin')
    await faust.order('trust', { peer: mephisto.jid, device: mephisto.device, verified: true })
    await mephisto.begin({}, { offers: { into } })
    await sent('third.bin')
    expect((await faust.hear('device')).known).to.have.length(2)
  })
})
