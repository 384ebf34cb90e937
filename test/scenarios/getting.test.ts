/** Getting a file from someone: the flows of 2002, between two programs on a real server. */

import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import type { FileTransferOptions } from '../../client-plugin/index.js'
import type { Peer } from './peer.js'
import { digestOf, mebibyte, randomFile, Stage } from './stage.js'
import type { Manners } from './words.js'

describe('getting a file from someone', function () {
  this.timeout(180_000)
  const stage = new Stage()
  let faust: Peer
  let mephisto: Peer
  let shared: string
  let into: string

  before(async () => {
    await stage.open()
    ;[faust, mephisto] = await Promise.all([stage.peer('faust'), stage.peer('mephisto', 40)])
  })
  after(() => stage.close())

  /** Faust asks, Mephisto serves a folder. */
  async function begin(
    asker: Partial<FileTransferOptions> = {},
    server: Partial<FileTransferOptions> = {},
    manners: Manners = {},
  ) {
    shared = mephisto.folder()
    into = faust.folder()
    await faust.begin(asker, manners)
    await mephisto.begin(server, { requests: { serve: shared } })
  }

  async function gets(filename: string) {
    const options = { into }
    const { key } = await faust.order('request', { peer: mephisto.jid, filename, options })
    return key
  }

  async function arrives(key: string, digest: string) {
    const received = await faust.finished(key)
    expect(received.code).to.equal(undefined)
    expect(digestOf(received.path!)).to.equal(digest)
    const { key: sid } = await mephisto.hear('transfer')
    expect(await mephisto.finished(sid)).to.deep.include({ root: received.root })
    return received
  }

  /** Breaks off in the middle: what is held stays behind. */
  async function getsHalf(filename: string) {
    const key = await gets(filename)
    await faust.inTheMiddle()
    await faust.order('abort', { key })
    expect(await faust.finished(key)).to.include({ code: 'aborted' })
    const { key: sid } = await mephisto.hear('transfer')
    expect(await mephisto.finished(sid)).to.include({ code: 'aborted-by-peer' })
    faust.forget()
    mephisto.forget()
  }

  it('arrives whole', async () => {
    await begin()
    const { digest } = randomFile(shared, 'song_hell.mp3', 3_050_122)
    const { path } = await arrives(await gets('song_hell.mp3'), digest)
    expect(path).to.equal(join(into, 'song_hell.mp3'))
  })

  it('arrives from somebody behind a firewall: he connects, and the asker listens', async () => {
    await begin({ sides: 'alternate' }, { listen: false })
    const { digest } = randomFile(shared, 'song_hell.mp3', 100_000)
    await arrives(await gets('song_hell.mp3'), digest)
    expect(faust.heard('progress').at(-1)!.progress.path).to.include({ dialled: false })
  })

  it('arrives where the asker is behind a firewall', async () => {
    await begin({ listen: false }, { sides: 'alternate' })
    const { digest } = randomFile(shared, 'song_hell.mp3', 100_000)
    await arrives(await gets('song_hell.mp3'), digest)
    expect(faust.heard('progress').at(-1)!.progress.path).to.include({ dialled: true })
  })

  it('ends as not-found where there is no such file, and as declined where it is not wanted', async () => {
    await begin()
    expect(await faust.finished(await gets('nothing'))).to.include({ code: 'not-found' })
    await mephisto.begin({}, { requests: 'decline' })
    expect(await faust.finished(await gets('nothing'))).to.include({ code: 'declined' })
  })

  it('is declined where nobody listens for requests', async () => {
    await begin()
    await mephisto.begin({}, {})
    expect(await faust.finished(await gets('song_hell.mp3'))).to.include({ code: 'declined' })
  })

  it('goes on from what is held of it (get with resume), and only the rest comes', async () => {
    await begin()
    const { digest } = randomFile(shared, 'song_hell.mp3', 24 * mebibyte)
    await getsHalf('song_hell.mp3')
    const key = await gets('song_hell.mp3')
    const { bytesMoved } = await arrives(key, digest)
    const { resumedFrom } = faust.heard('progress').at(-1)!.progress
    expect(resumedFrom).to.be.greaterThan(0)
    expect(bytesMoved).to.equal(24 * mebibyte - resumedFrom)
    // It was sent to him before: nobody had to be asked.
    expect(mephisto.heard('request')).to.deep.equal([])
    expect(readdirSync(into)).to.deep.equal(['song_hell.mp3'])
  })

  describe('where meanwhile another file has the name', () => {
    let digest: string

    async function change() {
      await begin({}, {}, {})
      randomFile(shared, 'song_hell.mp3', 24 * mebibyte)
      await getsHalf('song_hell.mp3')
      digest = randomFile(shared, 'song_hell.mp3', 3_050_743).digest
    }

    it('gets the other one if it takes it', async () => {
      await change()
      await faust.order('manners', { counters: 'accept' })
      const key = await gets('song_hell.mp3')
      await faust.hear('counter', ({ filesize }) => filesize === 3_050_743)
      await arrives(key, digest)
    })

    it('gets nothing if it blocks it, and both know', async () => {
      await change()
      await faust.order('manners', { counters: 'block' })
      expect(await faust.finished(await gets('song_hell.mp3'))).to.include({ code: 'blocked' })
      const { key: sid } = await mephisto.hear('transfer')
      expect(await mephisto.finished(sid)).to.include({ code: 'blocked' })
    })

    it('blocks it where nobody listens for that', async () => {
      await change()
      expect(await faust.finished(await gets('song_hell.mp3'))).to.include({ code: 'blocked' })
    })
  })

  it('never overwrites what is there (P2)', async () => {
    await begin()
    const { digest } = randomFile(shared, 'song_hell.mp3', 1_000)
    writeFileSync(join(into, 'song_hell.mp3'), 'mine')
    mkdirSync(join(into, 'song_hell (1).mp3'))
    const { path } = await arrives(await gets('song_hell.mp3'), digest)
    expect(path).to.equal(join(into, 'song_hell (2).mp3'))
  })
})
