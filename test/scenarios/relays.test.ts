/** Where no straight path may be taken: the server's proxies for bytestreams, and bytes inside the stream of stanzas. */

import { expect } from 'chai'
import type { Peer } from './peer.js'
import { digestOf, mebibyte, randomFile, Stage, stuckHalfWay } from './stage.js'
import { type StrangeProxy, strangeProxy } from './strange-proxy.js'
import type { HeldUp } from './words.js'

/** What a program said so far: all candidates by kind, and whom it asked by IQ. */
async function said(peer: Peer) {
  const text = (await peer.order('said', null)).join('')
  const all = (pattern: RegExp) => [...new Set([...text.matchAll(pattern)].map(([, word]) => word!))]
  return { kinds: all(/<candidate [^>]*kind="(\w+)/g), asked: all(/<iq [^>]*to="([^"]+)/g), text }
}

/** So many bytes do not go inside the stream of stanzas, however long anything else takes on a busy machine. */
const tooLongForInBand = mebibyte + 4_321

const pathOf = (peer: Peer) => peer.heard('progress').at(-1)!.progress.path!

class Two {
  constructor(
    readonly faust: Peer,
    readonly mephisto: Peer,
  ) {}

  /** Faust sends a file of so many bytes; gives the key on both sides. */
  async send(bytes: number, heldUp?: HeldUp) {
    const { faust, mephisto } = this
    const { path, digest } = randomFile(faust.folder(), 'song.mp3', bytes)
    const { key } = await faust.order('send', { peer: mephisto.jid, path, ...(heldUp && { heldUp }) })
    return { key, digest }
  }

  async arrives({ key, digest }: { key: string; digest: string }) {
    const { faust, mephisto } = this
    const { key: sid } = await mephisto.hear('transfer')
    const [sent, received] = await Promise.all([faust.finished(key), mephisto.finished(sid)])
    expect([sent.code, received.code]).to.deep.equal([undefined, undefined])
    expect(digestOf(received.path!)).to.equal(digest)
    return received
  }
}

async function twoOn(stage: Stage): Promise<Two> {
  await stage.open()
  const [faust, mephisto] = await Promise.all([stage.peer('faust', 20), stage.peer('mephisto')])
  return new Two(faust, mephisto)
}

describe('reaching each other through the server’s proxies', function () {
  this.timeout(180_000)
  const stage = new Stage({ proxies: ['proxy.localhost', 'proxy2.localhost'] })
  let two: Two

  before(async () => {
    two = await twoOn(stage)
  })
  after(() => stage.close())

  it('tells no address of either and dials neither, where only relays are allowed (case 69, P22)', async () => {
    const { faust, mephisto } = two
    await faust.begin({ path: 'relay' })
    await mephisto.begin({ path: 'relay' }, { offers: { into: mephisto.folder() } })
    const { bytesMoved } = await two.arrives(await two.send(2 * mebibyte + 17))
    expect(bytesMoved).to.equal(2 * mebibyte + 17)
    for (const peer of [faust, mephisto]) {
      expect(pathOf(peer)).to.deep.include({ kind: 'proxy', dialled: true })
      const { kinds, text } = await said(peer)
      expect(kinds).to.deep.equal(['proxy'])
      // What is told is where the server is.
      const { proxyPort } = stage.prosody
      expect(new Set(text.match(/<port>\d+/g))).to.deep.equal(new Set([`<port>${proxyPort}`]))
    }
  })

  it('is what one person may be given, and one transfer, while the others are reached directly', async () => {
    const { faust, mephisto } = two
    await faust.begin({ paths: { [mephisto.jid]: 'relay' } })
    await mephisto.begin({}, { offers: { into: mephisto.folder() } })
    await two.arrives(await two.send(tooLongForInBand))
    expect((await said(faust)).kinds)
      .to.include('proxy')
      .and.not.include('host')
    expect(pathOf(mephisto).kind).to.equal('proxy')
    await faust.begin()
    await mephisto.begin({}, { offers: { into: mephisto.folder(), path: 'direct' } })
    await two.arrives(await two.send(35_012))
    expect((await said(mephisto)).kinds).to.deep.equal(['host'])
    expect(pathOf(faust).kind).to.equal('direct')
  })

  it('goes on by itself after one side was killed in the middle, with what is proven (case 81)', async () => {
    const { faust, mephisto } = two
    await faust.begin({ path: 'relay' })
    await mephisto.begin({ path: 'relay' }, { offers: { into: mephisto.folder() } })
    const file = await two.send(8 * mebibyte, stuckHalfWay(8 * mebibyte))
    await mephisto.inTheMiddle()
    await mephisto.kill()
    await mephisto.revive()
    await faust.order('letGo', null)
    const { bytesMoved } = await two.arrives(file)
    expect(bytesMoved).to.be.below(8 * mebibyte)
    expect(pathOf(mephisto).kind).to.equal('proxy')
  })

  it('does not begin because of an offer: nobody is asked for anything before the accept (P8)', async () => {
    const { faust, mephisto } = two
    await faust.begin()
    await mephisto.begin({}, { offers: 'ask' })
    const before = (await said(mephisto)).text
    await two.send(35_012)
    await mephisto.hear('offer')
    const { text, kinds } = await said(mephisto)
    // What our own server has is asked for at the login, whoever offers what.
    const later = text.slice(before.length).replaceAll(/<iq type="get"[\s\S]*?<\/iq>/g, '')
    expect([later, kinds]).to.deep.equal(['', []])
  })
})

describe('reaching each other where a proxy is of no use', function () {
  this.timeout(180_000)
  const stage = new Stage({ components: ['proxy.localhost'] })
  let two: Two
  let proxy: StrangeProxy

  before(async () => {
    two = await twoOn(stage)
  })
  afterEach(() => proxy?.stop())
  after(() => stage.close())

  it('goes inside the stream where nothing else is left, and the proxy hangs', async () => {
    proxy = await strangeProxy(stage.prosody, 'proxy.localhost', 'hangs')
    const { faust, mephisto } = two
    await faust.begin({ path: 'relay' })
    await mephisto.begin({ path: 'relay' }, { offers: { into: mephisto.folder() } })
    await two.arrives(await two.send(4_321))
    expect(pathOf(mephisto).kind).to.equal('inband')
    expect(pathOf(mephisto).why.join()).to.match(/proxy/)
    expect(proxy.connected).to.be.above(0)
  })
})

describe('reaching each other where one proxy joins nobody', function () {
  this.timeout(180_000)
  const stage = new Stage({ components: ['proxy.localhost'], proxies: ['proxy2.localhost'] })
  let proxy: StrangeProxy | undefined

  after(async () => {
    await proxy?.stop()
    await stage.close()
  })

  it('goes by the other one, and the first is not asked again', async () => {
    const two = await twoOn(stage)
    proxy = await strangeProxy(stage.prosody, 'proxy.localhost', 'refuses')
    const { faust, mephisto } = two
    await faust.begin({ path: 'relay' })
    await mephisto.begin({ path: 'relay' }, { offers: { into: mephisto.folder() } })
    await two.arrives(await two.send(tooLongForInBand))
    expect(pathOf(mephisto).kind).to.equal('proxy')
    const { asked } = proxy
    mephisto.forget()
    await two.arrives(await two.send(tooLongForInBand + 1))
    expect(proxy.asked).to.equal(asked)
  })
})
