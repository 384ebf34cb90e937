/**
 * Memories that do not fit together: a store or a journal that was lost, or restored from an older copy, and a folder that
 * is elsewhere. Both sides end or go on; no finished file is lost, none is there twice, and nothing hangs (P3, P6).
 */

import { cpSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import type { Peer } from './peer.js'
import { digestOf, mebibyte, randomFile, Stage, stuckHalfWay } from './stage.js'
import type { HeldUp } from './words.js'

describe('memories that do not fit together', function () {
  this.timeout(180_000)
  const stage = new Stage()
  const store = () => join(stage.dir, 'component')
  let faust: Peer
  let mephisto: Peer
  let into: string
  let copies = 0

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

  const size = 24 * mebibyte

  async function sent(heldUp?: HeldUp) {
    const { path, digest } = randomFile(faust.folder(), 'my_girl.jpg', size)
    const { key } = await faust.order('send', { peer: mephisto.jid, path, ...(heldUp && { heldUp }) })
    return { key, digest, path }
  }

  /** More than nothing is there, and less than all, until the sender is let go. */
  async function halfWay() {
    const offered = await sent(stuckHalfWay(size))
    const { key: sid } = await mephisto.inTheMiddle()
    return { ...offered, sid }
  }

  async function whole(sid: string, digest: string) {
    await faust.order('letGo', null)
    const received = await mephisto.finished(sid)
    expect(received.code).to.equal(undefined)
    expect(digestOf(received.path!)).to.equal(digest)
    expect(readdirSync(into)).to.deep.equal(['my_girl.jpg'])
    expect(await faust.finished(sid)).to.include({ root: received.root })
    return received
  }

  /** A copy of what the component has on its disk, as a backup at rest would be. */
  async function copyOfStore(): Promise<string> {
    const copy = join(stage.dir, `copy-${++copies}`)
    await stage.stopComponent()
    cpSync(store(), copy, { recursive: true })
    await stage.startComponent()
    return copy
  }

  /** The component begins again with another memory, or none, while one of the two is not there. */
  async function beginAgainWith(copy: string | undefined): Promise<void> {
    await mephisto.kill()
    await stage.stopComponent()
    rmSync(store(), { recursive: true })
    mkdirSync(store())
    if (copy !== undefined) cpSync(copy, store(), { recursive: true })
    await stage.startComponent()
    await mephisto.revive()
  }

  it('both sides end when the component has lost its store, and what was proven is taken up by the next offer', async () => {
    const { key, sid, path, digest } = await halfWay()
    await beginAgainWith(undefined)
    expect(await mephisto.finished(sid)).to.include({ code: 'unknown-transfer' })
    // The sender is to hear of it at its next login; it logs in again every few minutes in any case.
    await faust.order('cut', null)
    expect(await faust.finished(key)).to.include({ code: 'unknown-transfer' })
    mephisto.forget()
    await faust.order('letGo', null)
    await faust.order('send', { peer: mephisto.jid, path })
    const { key: again } = await mephisto.hear('progress', ({ progress }) => progress.resumedFrom > 0)
    await whole(again, digest)
  })

  it('both say complete when the store is lost while the last bytes move: the link has said so', async () => {
    const { key, sid, digest } = await halfWay()
    await stage.stopComponent()
    rmSync(store(), { recursive: true })
    mkdirSync(store())
    await faust.order('letGo', null)
    await mephisto.hear('progress', ({ progress }) => progress.bytes === size)
    await stage.startComponent()
    const received = await mephisto.finished(sid)
    expect(digestOf(received.path!)).to.equal(digest)
    await faust.order('cut', null)
    expect(await faust.finished(key)).to.include({ root: received.root })
  })

  it('both sides end when the component has forgotten that the offer was accepted', async () => {
    await mephisto.order('manners', { offers: 'ask' })
    const { key } = await sent(stuckHalfWay(size))
    const { sid } = await mephisto.hear('offer')
    const copy = await copyOfStore()
    await mephisto.order('answer', { sid, accept: { into } })
    await mephisto.inTheMiddle()
    await beginAgainWith(copy)
    expect(await mephisto.finished(sid)).to.have.property('code')
    expect(await faust.finished(key)).to.have.property('code')
    expect(readdirSync(into).filter((name) => !name.startsWith('.'))).to.deep.equal([])
  })

  it('goes on when the component knows an earlier attempt only', async () => {
    const { sid, digest } = await halfWay()
    // Not while the bytes move: they might all be there before the copy is.
    await mephisto.kill()
    const copy = await copyOfStore()
    for (const attempt of [2, 3]) {
      // A little more comes in each.
      await faust.order('holdUp', { ...stuckHalfWay(size), from: (size * (2 + attempt)) / 6 })
      await mephisto.revive()
      await mephisto.hear('progress', ({ progress }) => progress.attempt >= attempt)
      if (attempt === 2) await mephisto.kill()
    }
    await beginAgainWith(copy)
    await whole(sid, digest)
  })

  it('finds the file in its place when the receiver’s journal is of the time before', async () => {
    const { sid, digest } = await halfWay()
    await mephisto.kill()
    const copy = join(stage.dir, `copy-${++copies}`)
    cpSync(mephisto.state, copy, { recursive: true })
    await mephisto.revive()
    const { path } = await whole(sid, digest)
    await mephisto.kill()
    rmSync(mephisto.state, { recursive: true })
    cpSync(copy, mephisto.state, { recursive: true })
    await mephisto.revive()
    expect(await mephisto.finished(sid)).to.include({ path })
    expect(readdirSync(into)).to.deep.equal(['my_girl.jpg'])
  })

  for (const [which, isShown] of [
    ['before the offer', false],
    ['before the yes to it', true],
  ] as const) {
    it(`ends for a sender that has had enough when the receiver’s journal is of the time ${which}`, async () => {
      await mephisto.begin({}, { offers: 'ask' })
      const copy = join(stage.dir, `copy-${++copies}`)
      const keep = async () => {
        await mephisto.kill()
        cpSync(mephisto.state, copy, { recursive: true })
        await mephisto.revive()
      }
      if (!isShown) await keep()
      const { key } = await sent()
      const { sid } = await mephisto.hear('offer')
      if (isShown) await keep()
      await faust.order('holdUp', stuckHalfWay(size))
      await mephisto.order('answer', { sid, accept: { into } })
      await mephisto.inTheMiddle()
      await mephisto.kill()
      rmSync(mephisto.state, { recursive: true })
      cpSync(copy, mephisto.state, { recursive: true })
      await mephisto.revive()
      await faust.order('abort', { key })
      await faust.hear('state', (news) => news.state === 'aborted')
      expect(await faust.finished(key)).to.deep.equal({ code: 'aborted', resumable: false })
    })
  }

  /** What a device knew before, once more: it was killed, and comes back with that. */
  async function reviveWith(copy: string, peer: Peer): Promise<void> {
    rmSync(peer.state, { recursive: true })
    cpSync(copy, peer.state, { recursive: true })
    await peer.revive()
  }

  it('ends for the receiver when the sender’s journal is of the time before the offer, and its part file is kept', async () => {
    const copy = join(stage.dir, `copy-${++copies}`)
    await faust.kill()
    cpSync(faust.state, copy, { recursive: true })
    await faust.revive()
    const { sid, path } = await halfWay()
    await faust.kill()
    await reviveWith(copy, faust)
    expect(await mephisto.finished(sid)).to.deep.equal({ code: 'aborted-by-peer', resumable: false })
    expect(readdirSync(into).filter((name) => name.endsWith('.part'))).to.have.length(1)
    // What was proven counts in the next.
    mephisto.forget()
    await faust.order('send', { peer: mephisto.jid, path })
    const { key: again } = await mephisto.hear('progress', ({ progress }) => progress.resumedFrom > 0)
    expect(await mephisto.finished(again)).to.have.property('path', join(into, 'my_girl.jpg'))
  })

  it('ends for the sender when the receiver’s journal is of the time before the offer', async () => {
    const copy = join(stage.dir, `copy-${++copies}`)
    await mephisto.kill()
    cpSync(mephisto.state, copy, { recursive: true })
    await mephisto.revive()
    const { key } = await halfWay()
    await mephisto.kill()
    await reviveWith(copy, mephisto)
    // It asks whether it stands at each login, and now and then.
    await faust.order('cut', null)
    expect(await faust.finished(key)).to.deep.equal({ code: 'aborted-by-peer', resumable: false })
  })

  it('waits for a folder that is elsewhere for a while, and goes on with what is in it (P20)', async () => {
    const { sid, digest } = await halfWay()
    await mephisto.order('pause', { key: sid })
    renameSync(into, `${into}-elsewhere`)
    await mephisto.order('resume', { key: sid })
    expect(await mephisto.finished(sid)).to.deep.equal({ code: 'io', resumable: true })
    renameSync(`${into}-elsewhere`, into)
    mephisto.forget()
    await faust.order('letGo', null)
    await mephisto.order('resume', { key: sid })
    await mephisto.hear('progress', ({ progress }) => progress.resumedFrom > 0)
    await whole(sid, digest)
  })

  it('gives two files of one name two names, when they come into one folder at once (case 88, P2)', async () => {
    const both = await Promise.all([sent(), sent()])
    await Promise.all(both.map(({ key }) => faust.finished(key)))
    const names = readdirSync(into)
    expect(names).to.have.members(['my_girl.jpg', 'my_girl (1).jpg'])
    const digests = names.map((name) => digestOf(join(into, name)))
    expect(digests).to.have.members(both.map(({ digest }) => digest))
  })
})
