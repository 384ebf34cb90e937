/** What is wrong on this side is said by a code, before anything is lost: the offer stays open, nothing is half said. */

import { mkdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { expect } from 'chai'
import type { Peer } from './peer.js'
import { mebibyte, randomFile, Stage, stuckHalfWay } from './stage.js'

const ns = 'jabberfs:transfer:1'

describe('a fault on this side', function () {
  this.timeout(180_000)
  const stage = new Stage()
  let faust: Peer
  let mephisto: Peer

  before(async () => {
    await stage.open()
    ;[faust, mephisto] = await Promise.all([stage.peer('faust'), stage.peer('mephisto')])
  })
  after(() => stage.close())

  const codeOf = (promise: Promise<unknown>) =>
    promise.then(
      () => 'fine',
      ({ code, message }) => code ?? message,
    )

  describe('when a file is offered', () => {
    before(() => faust.begin())
    const send = (path: string, peer = 'mephisto@localhost') => codeOf(faust.order('send', { peer, path }))

    it('is file-missing where there is none', async () => {
      expect(await send(join(faust.folder(), 'nothing'))).to.equal('file-missing')
    })
    it('is not-a-file where it is a folder', async () => {
      expect(await send(faust.folder())).to.equal('not-a-file')
    })
    it('is bad-name where no stanza could carry its name (case 84)', async () => {
      const path = join(faust.folder(), 'my\u001bgirl.jpg')
      writeFileSync(path, 'x')
      expect(await send(path)).to.equal('bad-name')
    })
    it('is bad-peer where that is nobody’s address', async () => {
      const { path } = randomFile(faust.folder(), 'a', 10)
      expect(await send(path, 'not an address')).to.equal('bad-peer')
      expect(await send(path, 'files.localhost')).to.equal('bad-peer')
    })
    it('is too-many-offers when sixteen wait for one person already (case 48)', async () => {
      const { path } = randomFile(faust.folder(), 'a', 10)
      const codes = []
      for (let n = 0; n < 17; n++) codes.push(await send(path, 'gretchen@localhost'))
      expect(codes.slice(0, 16)).to.deep.equal(Array(16).fill('fine'))
      expect(codes[16]).to.equal('too-many-offers')
    })
  })

  describe('when an offer is accepted', () => {
    let sid: string
    let into: string

    async function offered(path: string, options = {}) {
      into = mephisto.folder()
      await faust.begin()
      await mephisto.begin(options, { offers: 'ask' })
      await faust.order('send', { peer: mephisto.jid, path, hashFirst: false })
      // Offers of other tests that nobody answered come to each new device.
      ;({ sid } = await mephisto.hear('offer', ({ filename }) => filename === basename(path)))
    }
    const accept = (options = {}) => codeOf(mephisto.order('answer', { sid, accept: { into, ...options } }))

    it('is no-such-folder where there is none, and the offer can still be accepted', async () => {
      const { path } = randomFile(faust.folder(), 'lost', 10)
      await offered(path)
      expect(await accept({ into: join(into, 'nowhere') })).to.equal('no-such-folder')
      expect(await accept({ into: path })).to.equal('no-such-folder')
      expect(await accept()).to.equal('fine')
      expect(await mephisto.finished(sid)).to.not.have.property('code')
    })

    it('is no-space where there is not enough, before anything is said (P20)', async () => {
      const path = join(faust.folder(), 'vast')
      writeFileSync(path, '')
      truncateSync(path, 4 * 1024 ** 4)
      await offered(path)
      expect(await accept()).to.equal('no-space')
      // The offer stands, and whoever waits for an answer knows why there is none.
      const { state, code } = await faust.hear('state', (told) => told.code === 'no-space-there')
      expect({ state, code }).to.deep.equal({ state: 'proposed', code: 'no-space-there' })
      expect(await codeOf(mephisto.order('answer', { sid }))).to.equal('fine')
      await faust.hear('state', (told) => told.state === 'declined')
    })

    it('is file-too-large above the limit', async () => {
      const { path } = randomFile(faust.folder(), 'large', 1_001)
      await offered(path, { maxFileBytes: 1_000 })
      expect(await accept()).to.equal('file-too-large')
    })

    it('is already-there with `skip` where the name is taken', async () => {
      const { path } = randomFile(faust.folder(), 'doubled', 10)
      await offered(path)
      mkdirSync(join(into, 'doubled'))
      expect(await accept({ onConflict: 'skip' })).to.equal('already-there')
      expect(await accept({ filename: 'b', onConflict: 'skip' })).to.equal('fine')
      expect(await mephisto.finished(sid)).to.include({ path: join(into, 'b') })
    })

    it('is bad-name where nothing of the peer’s name is left (case 83)', async () => {
      await offered(randomFile(faust.folder(), 'plain', 10).path)
      const hash = `<hash xmlns='urn:xmpp:hashes:2' algo='jabberfs-blake3-root'>${Buffer.alloc(32).toString('base64')}</hash>`
      const file = `<file><filename>..</filename><filesize>1</filesize>${hash}</file>`
      const payload = `<offer xmlns='${ns}' id='dots-only' peer='${mephisto.jid}'>${file}</offer>`
      expect(await faust.order('say', { to: stage.prosody.componentDomain, payload })).to.equal('result')
      ;({ sid } = await mephisto.hear('offer', ({ filename }) => filename === '..'))
      expect(await accept()).to.equal('bad-name')
      expect(await accept({ filename: 'dots' })).to.equal('fine')
    })

    it('suspends when the folder goes in the middle, and says why', async () => {
      const wagner = await stage.peer('wagner')
      await wagner.begin()
      into = mephisto.folder()
      await mephisto.begin({}, { offers: { into } })
      const size = 32 * mebibyte
      const { path } = randomFile(wagner.folder(), 'a', size)
      await wagner.order('send', { peer: mephisto.jid, path, heldUp: stuckHalfWay(size) })
      const { key } = await mephisto.inTheMiddle()
      rmSync(into, { recursive: true })
      await wagner.order('letGo', null)
      expect(await mephisto.finished(key)).to.deep.equal({ code: 'io', resumable: true })
    })
  })

  describe('in the set-up', () => {
    it('is state-in-use while another process holds the folder', async () => {
      const state = faust.folder()
      await faust.begin({ state })
      expect(await codeOf(mephisto.begin({ state }))).to.equal('state-in-use')
      await faust.kill()
      expect(await codeOf(mephisto.begin({ state }))).to.equal('state-of-another-account')
      await faust.start()
    })

    it('is component-unknown where the server knows no such component', async () => {
      expect(await codeOf(faust.begin({ component: 'nothing.localhost' }))).to.equal('component-unknown')
    })

    it('is bad-option with the option’s name', async () => {
      expect(await codeOf(faust.begin({ component: '' }))).to.equal('bad-option')
      expect(await codeOf(faust.begin({ listen: { ports: [9, 8] } }))).to.equal('bad-option')
    })

    it('declines offers beyond those that may wait', async () => {
      await faust.begin()
      const martha = await stage.peer('martha')
      await martha.begin({ maxPendingOffers: 2 }, { offers: 'ask' })
      const { path } = randomFile(faust.folder(), 'a', 10)
      const keys = []
      for (let n = 0; n < 3; n++) {
        keys.push((await faust.order('send', { peer: martha.jid, path })).key)
      }
      expect(await faust.finished(keys[2]!)).to.include({ code: 'declined' })
      expect(martha.heard('offer')).to.have.length(2)
    })
  })
})
