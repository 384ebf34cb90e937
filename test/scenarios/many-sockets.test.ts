/** A transfer over four sockets, and what breaks while they are open. For that they are asked for at once, and on one machine. */

import { readdirSync } from 'node:fs'
import { expect } from 'chai'
import type { FileTransferOptions } from '../../client-plugin/index.js'
import type { TrialOptions } from '../../client-plugin/options.js'
import type { Peer } from './peer.js'
import { digestOf, mebibyte, randomFile, Stage } from './stage.js'

const size = 40 * mebibyte
const few = 4 * mebibyte

describe('a transfer over several sockets', function () {
  this.timeout(180_000)
  const stage = new Stage()
  let faust: Peer
  let mephisto: Peer
  let into: string

  before(async () => {
    await stage.open()
    ;[faust, mephisto] = await Promise.all([stage.peer('faust', 20), stage.peer('mephisto')])
  })
  after(() => stage.close())

  /** A file is on its way. */
  async function underWay(
    of: Record<'faust' | 'mephisto', Partial<FileTransferOptions & TrialOptions>> = {
      faust: { socketsAnywhere: true },
      mephisto: { socketsAnywhere: true },
    },
    bytes = size,
  ) {
    into = mephisto.folder()
    await faust.begin(of.faust)
    await mephisto.begin(of.mephisto, { offers: { into } })
    const { path, digest } = randomFile(faust.folder(), 'my_girl.jpg', bytes)
    // Its later part comes slowly, as the other sockets have to be there before all of it is; a look at it is news of them.
    const heldUp = { from: bytes / 4, ms: 300 }
    const { key } = await faust.order('send', { peer: mephisto.jid, path, heldUp })
    return { key, digest }
  }

  /** It has four sockets, at both sides, and is not over. */
  async function byFour() {
    const four = ({ progress }: { progress: { bytes: number; path?: { sockets?: number } | undefined } }) =>
      progress.path?.sockets === 4 && progress.bytes > 0
    const [{ key, progress }] = await Promise.all([
      mephisto.hear('progress', four),
      faust.hear('progress', four),
    ])
    expect(progress.bytes).to.be.within(1, size - 1)
    return key
  }

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

  it('arrives as it was, and each byte went once', async () => {
    const { digest } = await underWay()
    const { sent, received } = await arrives(await byFour(), digest)
    expect([sent.bytesMoved, received.bytesMoved]).to.deep.equal([size, size])
  })

  it('goes on after the receiver was killed (case 81, P3, P4)', async () => {
    const { digest } = await underWay()
    const sid = await byFour()
    await mephisto.kill()
    await mephisto.revive()
    const { sent } = await arrives(sid, digest)
    expect(sent.bytesMoved).to.be.at.most(size + 9 * mebibyte)
  })

  it('goes on after the sender was killed (case 81, P3, P4)', async () => {
    const { digest } = await underWay()
    const sid = await byFour()
    await faust.kill()
    await faust.revive()
    const { received } = await arrives(sid, digest)
    expect(received.bytesMoved).to.be.at.most(size + 9 * mebibyte)
  })

  it('stops when it is paused, and goes on where it was', async () => {
    const { digest } = await underWay()
    const sid = await byFour()
    await mephisto.order('pause', { key: sid })
    await faust.hear('state', ({ state }) => state === 'paused')
    await mephisto.order('resume', { key: sid })
    const { received } = await arrives(sid, digest)
    expect(received.bytesMoved).to.be.at.most(size + 9 * mebibyte)
  })

  it('has one socket where the other side wants one only (case 112)', async () => {
    const { digest } = await underWay({ faust: { sockets: 1 }, mephisto: { socketsAnywhere: true } }, few)
    const { received } = await arrives((await mephisto.hear('transfer')).key, digest)
    expect(received.bytesMoved).to.equal(few)
    expect(mephisto.heard('progress').at(-1)!.progress.path).to.not.have.property('sockets')
  })

  it('has one socket where it is fast, on one machine', async () => {
    const { digest } = await underWay({ faust: {}, mephisto: {} }, few)
    await arrives((await mephisto.hear('transfer')).key, digest)
    expect(mephisto.heard('progress').at(-1)!.progress.path).to.not.have.property('sockets')
  })
})
