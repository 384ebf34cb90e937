/** Sending a file to someone: the flows of 2002, between two programs on a real server. */

import { readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import type { Peer } from './peer.js'
import { digestOf, mebibyte, randomFile, Stage } from './stage.js'

describe('sending a file to someone', function () {
  this.timeout(180_000)
  const stage = new Stage()
  let faust: Peer
  let mephisto: Peer

  before(async () => {
    await stage.open()
    ;[faust, mephisto] = await Promise.all([stage.peer('faust'), stage.peer('mephisto')])
  })
  after(() => stage.close())

  /** Faust sends, Mephisto's manners decide; gives the key on both sides. */
  async function sends(path: string) {
    const { key } = await faust.order('send', { peer: mephisto.jid, path })
    return key
  }

  async function arrives(key: string, digest: string) {
    const sent = await faust.finished(key)
    const { key: sid } = await mephisto.hear('transfer')
    const received = await mephisto.finished(sid)
    expect(received.code).to.equal(undefined)
    expect(digestOf(received.path!)).to.equal(digest)
    expect(sent.root).to.equal(received.root)
    return { sent, received, sid }
  }

  it('arrives whole, with its description, where the receiver listens', async () => {
    const into = mephisto.folder()
    await faust.begin({ listen: false })
    await mephisto.begin({ sides: 'alternate' }, { offers: { into } })
    const { path, digest } = randomFile(faust.folder(), 'my_girl.jpg', 35_012)
    const { received } = await arrives(await sends(path), digest)
    expect(received.path).to.equal(join(into, 'my_girl.jpg'))
    const { progress } = mephisto.heard('progress').at(-1)!
    expect(progress.path).to.deep.equal({ kind: 'direct', dialled: false, family: 4, why: [] })
  })

  it('arrives where the receiver is behind a firewall: it connects, and the sender listens', async () => {
    await faust.begin({ sides: 'alternate' })
    await mephisto.begin({ listen: false }, { offers: { into: mephisto.folder() } })
    const { path, digest } = randomFile(faust.folder(), 'my_girl.jpg', 35_012)
    await arrives(await sends(path), digest)
    const { progress } = mephisto.heard('progress').at(-1)!
    expect(progress.path).to.deep.equal({ kind: 'direct', dialled: true, family: 4, why: [] })
  })

  it('goes on from what the receiver says it holds (accept with append)', async () => {
    const into = mephisto.folder()
    await faust.begin()
    await mephisto.begin({}, { offers: { into, onConflict: 'resume' } })
    const { path, digest } = randomFile(faust.folder(), 'song.mp3', 5 * mebibyte + 17)
    const held = join(into, 'song.mp3')
    writeFileSync(held, readFileSync(path))
    truncateSync(held, 3 * mebibyte + 5)
    const { received } = await arrives(await sends(path), digest)
    expect(received.bytesMoved).to.equal(2 * mebibyte + 17)
    expect(received.path).to.equal(join(into, 'song (1).mp3'))
  })

  it('ends as declined where the receiver does not want it, and no address was said', async () => {
    await faust.begin()
    await mephisto.begin({}, { offers: 'decline' })
    const { path } = randomFile(faust.folder(), 'my_girl.jpg', 1_000)
    expect(await faust.finished(await sends(path))).to.include({ code: 'declined', resumable: false })
    expect(faust.heard('state').map(({ state }) => state)).to.deep.equal(['declined'])
  })

  it('changes sides by itself when nobody came to the one that listened', async () => {
    const options = { sides: 'alternate', linkDeadlineMs: 1_500 } as const
    await faust.begin(options)
    await mephisto.begin(options, { offers: { into: mephisto.folder() } })
    await mephisto.order('firewall', { isUp: true })
    const { path, digest } = randomFile(faust.folder(), 'my_girl.jpg', 35_012)
    await arrives(await sends(path), digest)
    await mephisto.order('firewall', { isUp: false })
    const { progress } = mephisto.heard('progress').at(-1)!
    // On a busy machine the other side may have needed its second turn.
    expect(progress.attempt % 2).to.equal(0)
    expect(progress.path).to.deep.equal({ kind: 'direct', dialled: true, family: 4, why: [] })
  })

  for (const bytes of [0, 1, mebibyte, 3 * mebibyte + 1]) {
    it(`arrives with ${bytes} bytes (case 98)`, async () => {
      await faust.begin()
      await mephisto.begin({}, { offers: { into: mephisto.folder() } })
      const { path, digest } = randomFile(faust.folder(), 'odd', bytes)
      await arrives(await sends(path), digest)
    })
  }

  it('arrives where the sender has not hashed it before', async () => {
    const into = mephisto.folder()
    await faust.begin()
    await mephisto.begin({}, { offers: { into } })
    const { path, digest } = randomFile(faust.folder(), 'big', 5 * mebibyte)
    const { key } = await faust.order('send', { peer: mephisto.jid, path, hashFirst: false })
    await arrives(key, digest)
    expect(readdirSync(into)).to.deep.equal(['big'])
  })
})
