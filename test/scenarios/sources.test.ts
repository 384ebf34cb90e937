/** Getting a content from whoever has it: three programs on a real server, of which some go away. */

import { copyFileSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import type { Hit } from '../../client-plugin/index.js'
import { type Peer, PeerError } from './peer.js'
import { aged, digestOf, mebibyte, randomFile, Stage, stuckHalfWay } from './stage.js'

describe('getting a content from whoever has it', function () {
  // Where nobody was there, it is looked again ever less often, up to a minute apart.
  this.timeout(300_000)
  const stage = new Stage()
  const bytes = 24 * mebibyte
  let faust: Peer
  let mephisto: Peer
  let gretchen: Peer
  let into: string
  let digest: string
  let root: string

  before(async () => {
    await stage.open()
    ;[faust, mephisto, gretchen] = await Promise.all([
      stage.peer('faust'),
      stage.peer('mephisto', 15),
      stage.peer('gretchen', 15),
    ])
  })
  after(() => stage.close())

  /** Two share the same content under other names. */
  beforeEach(async () => {
    const [one, other] = [mephisto.folder(), gretchen.folder()]
    into = faust.folder()
    const hasty = { sourceDeadlineMs: 2_000 }
    await Promise.all([faust.begin(hasty), mephisto.begin(), gretchen.begin()])
    const made = randomFile(one, 'opera.flac', bytes)
    copyFileSync(made.path, join(other, 'oper von gretchen.flac'))
    for (const path of [made.path, join(other, 'oper von gretchen.flac')]) aged(path)
    digest = made.digest
    await Promise.all([mephisto.order('share', { folder: one }), gretchen.order('share', { folder: other })])
    root = await found()
  })

  async function found(): Promise<string> {
    return (await searched('oper*', 2))[0]!.root
  }

  /** What is found once so many have it. */
  async function searched(words: string, sources: number): Promise<readonly Hit[]> {
    for (;;) {
      const hits = (await faust.order('search', { words })).filter((hit) => hit.sources === sources)
      if (hits.length > 0) return hits
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }

  /** Begins to get it, and stays in the middle until both are let go. */
  async function gets(): Promise<string> {
    await Promise.all(
      [mephisto, gretchen].map((peer) => peer.order('holdUp', stuckHalfWay(bytes)).catch(gone)),
    )
    const { key } = await faust.order('get', { wanted: { root, filename: 'opera.flac' }, options: { into } })
    return key
  }

  /** Nothing is to be held up by who does not run. */
  function gone(error: unknown): void {
    if (!(error instanceof PeerError && error.code === 'gone')) throw error
  }

  /** Who of the two sends, and the other. */
  async function sender(): Promise<[Peer, Peer]> {
    const sends = (peer: Peer) => peer.hear('progress', ({ progress }) => progress.bytes > 0)
    return Promise.race([
      sends(mephisto).then((): [Peer, Peer] => [mephisto, gretchen]),
      sends(gretchen).then((): [Peer, Peer] => [gretchen, mephisto]),
    ])
  }

  async function arrives(key: string) {
    await Promise.all([mephisto, gretchen].map((peer) => peer.order('letGo', null).catch(gone)))
    const received = await faust.finished(key)
    expect(received.code).to.equal(undefined)
    expect(received).to.include({ path: join(into, 'opera.flac'), root })
    expect(digestOf(received.path!)).to.equal(digest)
    expect(readdirSync(into)).to.deep.equal(['opera.flac'])
    return received
  }

  async function revive(peer: Peer) {
    await peer.start()
    await peer.beginAgain()
  }

  it('goes on with the next when the first is killed; what is held is not fetched again', async () => {
    const key = await gets()
    await faust.inTheMiddle()
    const [first, second] = await sender()
    await first.kill()
    await arrives(key)
    const { key: sid } = await second.hear('transfer')
    const { bytesMoved } = await second.finished(sid)
    expect(bytesMoved).to.be.greaterThan(0)
    expect(bytesMoved).to.be.at.most(bytes - mebibyte)
    // To the one who wants it, all of this is one transfer.
    expect((await faust.order('transfers', null)).map(({ state }) => state)).to.deep.equal(['complete'])
    expect(new Set(faust.heard('transfer').map(({ key }) => key)).size).to.equal(1)
    await revive(first)
  })

  it('goes on with the next after a restart, too', async () => {
    const key = await gets()
    await faust.inTheMiddle()
    const [first, second] = await sender()
    await first.kill()
    await faust.kill()
    await revive(faust)
    const [stands] = await faust.order('transfers', null)
    expect(stands).to.include({ state: 'paused', filesize: bytes })
    expect(stands!.bytes).to.be.greaterThan(0).and.lessThan(bytes)
    await faust.order('resume', {})
    await arrives(key)
    const { key: sid } = await second.hear('transfer')
    expect((await second.finished(sid)).bytesMoved).to.be.at.most(bytes - mebibyte)
    await revive(first)
  })

  it('waits while nobody who has it is there, and goes on when one is', async () => {
    await Promise.all([mephisto.kill(), gretchen.kill()])
    const key = await gets()
    await faust.hear('state', ({ state, code }) => state === 'waiting' && code === 'no-source')
    await revive(gretchen)
    await arrives(key)
    await revive(mephisto)
  })

  it('is complete at once where it is there already, and pauses, goes on and ends as one wishes', async () => {
    const key = await gets()
    await faust.inTheMiddle()
    await faust.order('pause', { key })
    expect(await faust.finished(key)).to.include({ code: 'paused', resumable: true })
    await faust.order('resume', { key })
    await arrives(key)
    expect(await faust.finished(await gets())).to.include({ wasThere: true, bytesMoved: 0 })
    into = faust.folder()
    faust.forget()
    const unwanted = await gets()
    await faust.inTheMiddle()
    await faust.order('abort', { key: unwanted })
    expect(await faust.finished(unwanted)).to.include({ code: 'aborted' })
  })

  it('asks somebody else where what came is not what it should be, and gets it (P1)', async () => {
    const liar = await stage.peer('liar', 0, true)
    await liar.begin()
    const [lying, honest] = [liar.folder(), gretchen.folder()]
    const { path, digest } = randomFile(lying, 'rare.flac', 3 * mebibyte)
    aged(path)
    await liar.order('share', { folder: lying })
    const [hit] = await searched('rare', 1)
    const { key } = await faust.order('get', { wanted: { root: hit!.root }, options: { into } })
    const { key: sid } = await liar.hear('transfer')
    expect((await liar.finished(sid)).code).not.to.equal(undefined)
    expect(readdirSync(into).filter((name) => !name.startsWith('.'))).to.deep.equal([])
    copyFileSync(path, join(honest, 'rare.flac'))
    aged(join(honest, 'rare.flac'))
    await gretchen.order('share', { folder: honest })
    const received = await faust.finished(key)
    expect(received.code).to.equal(undefined)
    expect(digestOf(received.path!)).to.equal(digest)
  })

  it('asks somebody else where one says that it is larger than there is room for (P17, P21)', async () => {
    const [lying, honest] = [mephisto.folder(), gretchen.folder()]
    const { path, digest } = randomFile(honest, 'much.flac', mebibyte)
    copyFileSync(path, join(lying, 'much.flac'))
    for (const folder of [lying, honest]) aged(join(folder, 'much.flac'))
    await gretchen.order('share', { folder: honest })
    await mephisto.begin({}, { statedSize: 2 ** 43 })
    await mephisto.order('share', { folder: lying })
    const [hit] = await searched('much', 2)
    const { key } = await faust.order('get', { wanted: { root: hit!.root }, options: { into } })
    const received = await faust.finished(key)
    expect(received.code).to.equal(undefined)
    expect(digestOf(received.path!)).to.equal(digest)
    // He came last, so he was asked first.
    expect((await mephisto.hear('transfer')).key).to.be.a('string')
  })

  it('takes no harm from one who has it under what can be no file’s name (P17)', async () => {
    const [lying, honest] = [mephisto.folder(), gretchen.folder()]
    const { path, digest } = randomFile(honest, 'selten.flac', mebibyte)
    mkdirSync(join(lying, 'selten'))
    copyFileSync(path, join(lying, 'selten', '\u3164'))
    for (const file of [path, join(lying, 'selten', '\u3164')]) aged(file)
    await gretchen.order('share', { folder: honest })
    await mephisto.begin()
    await mephisto.order('share', { folder: lying })
    const [hit] = await searched('selten', 2)
    const { key } = await faust.order('get', { wanted: { root: hit!.root }, options: { into } })
    const received = await faust.finished(key)
    expect(received.code).to.equal(undefined)
    expect(received.path).to.equal(join(into, 'selten.flac'))
    expect(digestOf(received.path!)).to.equal(digest)
  })

  it('is not found where nobody has it', async () => {
    const nothing = '00'.repeat(32)
    const asked = faust.order('get', { wanted: { root: nothing }, options: { into } })
    expect(await asked.catch(({ code }) => code)).to.equal('not-found')
  })
})
