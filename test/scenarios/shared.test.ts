/** Getting what somebody shares, between programs on a real server: found in the catalogue, asked for, and proven. */

import {
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import type { AcceptOptions, FileTransferOptions, Hit, ShareOptions } from '../../client-plugin/index.js'
import type { Peer } from './peer.js'
import { aged, digestOf, mebibyte, randomFile, Stage, stuckHalfWay } from './stage.js'

describe('getting what somebody shares', function () {
  this.timeout(180_000)
  const stage = new Stage()
  let faust: Peer
  let mephisto: Peer
  let folder: string
  let into: string

  before(async () => {
    await stage.open()
    ;[faust, mephisto] = await Promise.all([stage.peer('faust'), stage.peer('mephisto')])
  })
  after(() => stage.close())

  /** Mephisto shares a folder, Faust wants something of it. */
  async function begin(serving: Partial<FileTransferOptions> = {}) {
    folder = mephisto.folder()
    into = faust.folder()
    mkdirSync(join(folder, '2002'))
    await Promise.all([faust.begin({}, {}), mephisto.begin(serving, {})])
  }

  function agedFile(...given: Parameters<typeof randomFile>) {
    const made = randomFile(...given)
    aged(made.path)
    return made
  }

  const shares = (options: ShareOptions = {}) => mephisto.order('share', { folder, options })

  /** What Faust finds, once it is there. */
  async function finds(words: string): Promise<Hit> {
    for (;;) {
      const [hit] = await faust.order('search', { words })
      if (hit !== undefined) return hit
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }

  async function gets({ peer, share, path, root }: Hit, options: Partial<AcceptOptions> = {}) {
    const wanted = { peer: peer!, share: share!, path, root }
    const { key } = await faust.order('get', { wanted, options: { into, ...options } })
    return key
  }

  const large = 24 * mebibyte
  /** What he sends from now on stays in the middle until he is let go. */
  const holdUp = () => mephisto.order('holdUp', stuckHalfWay(large))
  const letGo = () => mephisto.order('letGo', null)

  async function arrives(key: string, digest: string) {
    const received = await faust.finished(key)
    expect(received.code).to.equal(undefined)
    expect(digestOf(received.path!)).to.equal(digest)
    return received
  }

  it('arrives whole, without anybody being asked', async () => {
    await begin()
    const { digest } = agedFile(join(folder, '2002'), 'my_girl.jpg', 3_050_122)
    await shares()
    const { path } = await arrives(await gets(await finds('girl')), digest)
    expect(path).to.equal(join(into, 'my_girl.jpg'))
    expect(mephisto.heard('request')).to.deep.equal([])
    const { key: sid } = await mephisto.hear('transfer')
    expect(await mephisto.finished(sid)).to.include({ bytesMoved: 3_050_122 })
  })

  it('is not fetched where the same content has the name already; another one stays beside it (P2)', async () => {
    await begin()
    const { path, digest } = agedFile(folder, 'my_girl.jpg', 100_000)
    await shares()
    const hit = await finds('girl')
    renameSync(path, join(into, 'my_girl.jpg'))
    const there = await faust.finished(await gets(hit))
    expect(there).to.include({ path: join(into, 'my_girl.jpg'), wasThere: true, bytesMoved: 0 })
    expect(mephisto.heard('transfer')).to.deep.equal([])
    renameSync(join(into, 'my_girl.jpg'), path)
    writeFileSync(join(into, 'my_girl.jpg'), 'mine')
    const { peer, share } = hit
    await finds('girl')
    const wanted = { peer: peer!, share: share!, path: hit.path }
    const { key } = await faust.order('get', { wanted, options: { into } })
    expect(await arrives(key, digest)).to.include({ path: join(into, 'my_girl (1).jpg') })
    // Got once more, it is there: under the name that was free.
    const again = await faust.order('get', { wanted, options: { into } })
    const twice = { path: join(into, 'my_girl (1).jpg'), wasThere: true, bytesMoved: 0 }
    expect(await faust.finished(again.key)).to.include(twice)
    const skipping = await faust.order('get', { wanted, options: { into, onConflict: 'skip' } })
    expect(await faust.finished(skipping.key)).to.include({ code: 'already-there' })
  })

  it('is known to be there also by who does not know its root before', async () => {
    await begin()
    const { path } = agedFile(folder, 'my_girl.jpg', 100_000)
    await shares()
    const { peer, share, path: shared } = await finds('girl')
    const wanted = { peer: peer!, share: share!, path: shared }
    const first = await faust.order('get', { wanted, options: { into } })
    await arrives(first.key, digestOf(path))
    const again = await faust.order('get', { wanted, options: { into } })
    expect(await faust.finished(again.key)).to.include({ wasThere: true, bytesMoved: 0 })
    expect(readdirSync(into)).to.deep.equal(['my_girl.jpg'])
  })

  it('is not there once it is not shared any more, nor for whom it was never for (case 100, P11)', async () => {
    await begin()
    agedFile(folder, 'my_girl.jpg', 100_000)
    const { id } = await shares()
    const hit = await finds('girl')
    await shares({ visibleTo: { kind: 'only', domains: [], peers: ['gretchen@markt.example'] } })
    const refusal = await gets(hit).catch(({ code }) => code)
    expect(refusal).to.equal('not-found')
    await shares({ visibleTo: { kind: 'everybody' } })
    await finds('girl')
    await mephisto.order('unshare', { share: id })
    expect(await gets(hit).catch(({ code }) => code)).to.equal('not-found')
    expect(await gets({ ...hit, path: '../../etc/passwd' }).catch(({ code }) => code)).to.equal('not-found')
  })

  it('stops when it is not shared any more', async () => {
    await begin()
    agedFile(folder, 'my_girl.jpg', large)
    const { id } = await shares()
    const hit = await finds('girl')
    await holdUp()
    const key = await gets(hit)
    await faust.inTheMiddle()
    await mephisto.order('unshare', { share: id })
    await letGo()
    expect(await faust.finished(key)).to.include({ code: 'not-found' })
    const { key: sid } = await mephisto.hear('transfer')
    expect(await mephisto.finished(sid)).to.include({ code: 'not-shared' })
  })

  it('never leads to what a link in the share was turned to (case 100)', async () => {
    await begin()
    const secret = agedFile(mephisto.folder(), 'secret', 100_000).path
    const { path } = agedFile(folder, 'my_girl.jpg', 100_000)
    await shares()
    const hit = await finds('girl')
    unlinkSync(path)
    symlinkSync(secret, path)
    const key = await gets(hit).catch(({ code }) => code)
    const end = key === 'not-found' ? key : (await faust.finished(key)).code
    expect(end).to.equal('not-found')
    expect(readdirSync(into)).to.deep.equal([])
  })

  it('is put forward as it is now where it was changed, and gone where it is gone', async () => {
    await begin()
    const { path } = agedFile(folder, 'my_girl.jpg', 100_000)
    await shares()
    const hit = await finds('girl')
    await faust.order('manners', { counters: 'accept' })
    const { digest } = agedFile(folder, 'my_girl.jpg', 120_000)
    const changed = await gets(hit)
    await faust.hear('counter', ({ filesize }) => filesize === 120_000)
    await arrives(changed, digest)
    rmSync(join(into, 'my_girl.jpg'))
    rmSync(path)
    const gone = await gets(hit).catch(({ code }) => code)
    expect(gone === 'not-found' ? gone : (await faust.finished(gone)).code).to.equal('not-found')
    expect(existsSync(join(into, 'my_girl.jpg'))).to.equal(false)
  })

  it('goes on from what an aborted one left, also where its root was not known', async () => {
    await begin()
    const { digest } = agedFile(folder, 'my_girl.jpg', large)
    await shares()
    const { peer, share, path } = await finds('girl')
    const order = { wanted: { peer: peer!, share: share!, path }, options: { into } }
    await holdUp()
    const { key: first } = await faust.order('get', order)
    await faust.inTheMiddle()
    await faust.order('abort', { key: first })
    await letGo()
    const { key: second } = await faust.order('get', order)
    const { bytesMoved } = await arrives(second, digest)
    expect(bytesMoved).to.be.at.most(23 * mebibyte)
    expect(readdirSync(into)).to.deep.equal(['my_girl.jpg'])
  })

  for (const by of ['path', 'root'] as const) {
    it(`goes on where it was paused when it is asked for once more by ${by}, if it is for the same place`, async () => {
      await begin()
      const { digest } = agedFile(folder, 'my_girl.jpg', large)
      await shares()
      const { peer, share, path, root } = await finds('girl')
      const wanted = by === 'root' ? { root } : { peer: peer!, share: share!, path }
      const other = join(into, 'other')
      mkdirSync(other)
      await holdUp()
      const { key } = await faust.order('get', { wanted, options: { into } })
      await faust.inTheMiddle()
      await faust.order('pause', { key })
      await letGo()
      const elsewhere = await faust.order('get', { wanted, options: { into: other } })
      expect((await arrives(elsewhere.key, digest)).bytesMoved).to.equal(large)
      const again = await faust.order('get', { wanted, options: { into } })
      expect((await arrives(again.key, digest)).bytesMoved).to.be.lessThan(34 * mebibyte)
      expect(readdirSync(into)).to.deep.equal(['my_girl.jpg', 'other'])
      expect(await faust.order('transfers', null)).to.have.length(2)
    })
  }

  it('waits in a queue and sees its place; peers take turns', async () => {
    // Who is served first gets no link, and so keeps the only place.
    await begin({ maxUploads: 1, maxUploadsPerPeer: 1, listen: false })
    await faust.order('firewall', { isUp: true })
    agedFile(folder, 'long.bin', 1_000_000)
    const { digest } = agedFile(folder, 'short.bin', 1_000)
    const other = agedFile(folder, 'other.bin', 2_000)
    await shares()
    const [first, second, third] = await Promise.all([finds('long'), finds('short'), finds('other')])
    const long = await gets(first)
    await faust.hear('state', ({ state }) => state === 'linking')
    const short = await gets(second)
    expect(await faust.hear('queue', ({ key }) => key === short)).to.include({ place: 1 })
    const last = await gets(third)
    expect(await faust.hear('queue', ({ key }) => key === last)).to.include({ place: 2 })
    expect(
      faust
        .heard('state')
        .filter(({ key }) => key === short)
        .at(-1),
    ).to.include({ state: 'queued' })
    await faust.order('firewall', { isUp: false })
    await faust.order('abort', { key: long })
    await arrives(short, digest)
    await arrives(last, other.digest)
  })

  it('waits in the queue also where it is resumed while others are served, and goes on in its turn', async () => {
    await begin({ maxUploads: 1, maxUploadsPerPeer: 1, listen: false })
    const { digest } = agedFile(folder, 'long.bin', large)
    agedFile(folder, 'short.bin', 1_000)
    await shares()
    const [first, second] = await Promise.all([finds('long'), finds('short')])
    await holdUp()
    const long = await gets(first)
    await faust.inTheMiddle()
    const { key: sid } = await mephisto.hear('transfer')
    await faust.order('pause', { key: long })
    await letGo()
    await faust.order('firewall', { isUp: true })
    const short = await gets(second)
    await mephisto.hear('transfer', ({ key }) => key !== sid)
    await faust.order('resume', { key: long })
    await faust.hear('queue', ({ key, place }) => key === sid && place === 1)
    await faust.order('firewall', { isUp: false })
    await faust.order('abort', { key: short })
    const { bytesMoved } = await arrives(long, digest)
    expect(bytesMoved).to.be.lessThan(34 * mebibyte)
  })

  it('ends while it waits in the queue when it is aborted, and when it is not shared any more', async () => {
    await begin({ maxUploads: 1, maxUploadsPerPeer: 1, listen: false })
    await faust.order('firewall', { isUp: true })
    agedFile(folder, 'first.bin', 1_000_000)
    agedFile(folder, 'short.bin', 1_000)
    const { id } = await shares()
    const [first, short] = [await finds('first'), await finds('short')]
    // It gets no link, and so keeps the only place.
    const serving = await gets(first)
    await faust.hear('state', ({ state }) => state === 'linking')
    const aborted = await gets(short)
    await faust.hear('queue', ({ key }) => key === aborted)
    await faust.order('abort', { key: aborted })
    expect(await faust.finished(aborted)).to.include({ code: 'aborted' })
    const gone = await gets(short)
    // The one before it has left the queue.
    expect(await faust.hear('queue', ({ key }) => key === gone)).to.include({ place: 1 })
    await mephisto.order('unshare', { share: id })
    expect(await faust.finished(gone)).to.include({ code: 'not-found' })
    expect(await faust.finished(serving)).to.include({ code: 'not-found' })
    await faust.order('firewall', { isUp: false })
    expect(readdirSync(into).filter((name) => !name.startsWith('.'))).to.deep.equal([])
  })

  it('waits while its owner is away, and goes on when he is back (case 23)', async () => {
    await begin()
    const { digest } = agedFile(folder, 'my_girl.jpg', 100_000)
    await shares()
    const hit = await finds('girl')
    await mephisto.kill()
    const key = await gets(hit)
    await mephisto.start()
    await mephisto.beginAgain()
    await arrives(key, digest)
  })

  it('goes on where its owner was killed and began again', async () => {
    await begin()
    const { digest } = agedFile(folder, 'my_girl.jpg', large)
    await shares()
    const hit = await finds('girl')
    await holdUp()
    const key = await gets(hit)
    await faust.inTheMiddle()
    await mephisto.kill()
    await mephisto.start()
    await mephisto.beginAgain()
    const { bytesMoved } = await arrives(key, digest)
    expect(bytesMoved).to.be.lessThan(34 * mebibyte)
  })
})
