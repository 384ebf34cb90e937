/** What one's own server gives to be reached by, asked of a real Prosody: proxies, STUN and TURN, bytes inside its stream. */

import { randomBytes } from 'node:crypto'
import type { Duplex } from 'node:stream'
import { expect } from 'chai'
import { findProxies, findServices } from '../../../client-plugin/paths/finding.js'
import { InBand } from '../../../client-plugin/paths/in-band/in-band.js'
import { Paths } from '../../../client-plugin/paths/paths.js'
import { inBandData, inBandOpen } from '../../../schemas/index.js'
import { type PrivateProsody, startProsody } from '../../../scripts/private-prosody.js'
import { createClientEntity, request, type XmppEntity } from '../../../wire/index.js'

const { signal } = new AbortController()

describe('one’s own server', function () {
  this.timeout(180_000)
  let prosody: PrivateProsody
  let faust: XmppEntity
  let mephisto: XmppEntity
  let stranger: XmppEntity

  before(async () => {
    prosody = await startProsody({
      iterations: 100,
      proxies: ['proxy.localhost'],
      turn: { port: 23_478, secret: 'gretchen' },
    })
    const login = async (name: string) => {
      const jid = prosody.addUser(name, 'secret')
      const entity = createClientEntity({ jid, password: 'secret', service: prosody.service, resource: 'r' })
      entity.on('error', () => undefined)
      await entity.start()
      return entity
    }
    ;[faust, mephisto, stranger] = (await Promise.all(['faust', 'mephisto', 'wagner'].map(login))) as [
      XmppEntity,
      XmppEntity,
      XmppEntity,
    ]
  })
  after(async () => {
    await Promise.all([faust, mephisto, stranger].map((entity) => entity?.stop()))
    await prosody?.stop()
  })

  it('names its proxies, as addresses that can be dialled', async () => {
    expect(await findProxies(faust, 'localhost', signal)).to.deep.equal([
      { jid: 'proxy.localhost', ips: ['127.0.0.1'], port: prosody.proxyPort },
    ])
  })

  it('names a TURN server with passing credentials, which is a STUN server too', async () => {
    const { stun, turn } = await findServices(faust, 'localhost', signal)
    expect(stun).to.deep.equal([{ ips: ['127.0.0.1'], port: 23_478 }])
    expect(turn).to.have.length(1)
    const { username, password, expires } = turn[0]!
    expect(username).to.match(/^\d+/)
    expect(Buffer.from(password, 'base64')).to.have.length(20)
    expect(expires).to.be.above(Date.now())
  })

  it('gives each attempt what its policy allows, and a new stream at the proxy', async () => {
    const paths = new Paths(faust, { path: 'any', paths: new Map() }, undefined)
    const device = 'd'.repeat(64)
    const wanted = { peer: 'mephisto@localhost', device, listens: true, left: 1_000, signal }
    let any = await paths.gather({ ...wanted, policy: 'any' })
    // An attempt does not wait long for a server that is slow: the next one has what was told meanwhile.
    while (any.proxies === undefined || any.turn === undefined)
      any = await paths.gather({ ...wanted, policy: 'any' })
    expect(Object.keys(any).sort()).to.deep.equal(['inband', 'proxies', 'stun', 'turn'])
    expect(Object.keys(await paths.gather({ ...wanted, policy: 'direct' }))).to.deep.equal(['stun'])
    const relay = await paths.gather({ ...wanted, policy: 'relay', left: 2 ** 20 + 1 })
    expect(Object.keys(relay).sort()).to.deep.equal(['proxies', 'turn'])
    expect(relay.proxies![0]!.dst)
      .to.match(/^[0-9a-f]{40}$/)
      .and.not.equal(any.proxies![0]!.dst)
    // Whoever opens attempts without end gets own addresses only, until one leads to a link (P16).
    const without = async () => Object.keys(await paths.gather({ ...wanted, policy: 'any' })).length === 0
    let asked = 0
    while (!(await without())) expect(++asked).to.be.below(1_000)
    paths.worked(device, 'proxy')
    expect(await without()).to.equal(false)
    await paths.stop()
  })

  describe('carries bytes inside its stream (XEP-0047)', () => {
    const open = async (): Promise<{ ends: [Duplex, Duplex]; sid: string; close(): void }> => {
      const [here, there] = [new InBand(faust), new InBand(mephisto)]
      const offer = here.offer('mephisto@localhost', signal)!
      const dials = there.offer('faust@localhost', signal)!
      const [accepted, dialled] = await Promise.all([offer.accept(), dials.dial(offer.jid, offer.sid)])
      const close = () => {
        here.end()
        there.end()
      }
      return { ends: [accepted, dialled], sid: offer.sid, close }
    }
    const read = async (stream: Duplex, bytes: number) => {
      const chunks: Buffer[] = []
      let length = 0
      for await (const chunk of stream.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
        chunks.push(chunk)
        length += chunk.length
        if (length >= bytes) break
      }
      return Buffer.concat(chunks)
    }
    /** What a request of somebody is answered with. */
    const answered = (who: XmppEntity, payload: ReturnType<typeof inBandData.write>) =>
      request(who, { to: faust.jid!.toString(), type: 'set', payload, timeoutMs: 60_000 }).then(
        () => 'result',
        ({ condition }) => condition,
      )

    it('in order, both ways, and an end is heard', async () => {
      const { ends, close } = await open()
      const [there, back] = [randomBytes(5_000), randomBytes(3_000)]
      ends[0].write(there)
      ends[1].write(back)
      expect((await read(ends[1], 5_000)).equals(there)).to.equal(true)
      expect((await read(ends[0], 3_000)).equals(back)).to.equal(true)
      const ended = new Promise((resolve) => ends[1].once('close', resolve))
      ends[1].resume()
      ends[0].end()
      await ended
      close()
    })

    it('to nobody else: a stranger hears what a client without it says (P9)', async () => {
      const here = new InBand(faust)
      const { sid } = here.offer('mephisto@localhost', signal)!
      const hello = inBandOpen.write({ sid, blockSize: 4_096 })
      const nobody = await answered(stranger, inBandOpen.write({ sid: 'made-up-by-me', blockSize: 4_096 }))
      expect(nobody).to.equal('service-unavailable')
      // Nobody waits for it yet; and who knows the id is not who it was told to.
      expect(await answered(mephisto, hello)).to.equal('service-unavailable')
      here.end()
      const { ends, sid: opened, close } = await open()
      const block = inBandData.write({ sid: opened, seq: 0, bytes: randomBytes(10) })
      expect(await answered(stranger, hello)).to.equal('service-unavailable')
      expect(await answered(stranger, block)).to.equal('service-unavailable')
      expect(ends[0].readableLength).to.equal(0)
      close()
    })

    it('until a block comes out of turn, or more than can be kept', async () => {
      const { ends, sid, close } = await open()
      const gone = new Promise((resolve) => ends[0].once('close', resolve))
      const block = inBandData.write({ sid, seq: 7, bytes: randomBytes(10) })
      expect(await answered(mephisto, block)).to.equal('unexpected-request')
      await gone
      expect(await answered(mephisto, block)).to.equal('service-unavailable')
      close()
    })

    it('to each peer some of them: one who opens many leaves others theirs (P16)', async () => {
      const here = new InBand(faust)
      const ends = new AbortController()
      const offered = (peer: string) => {
        const offer = here.offer(peer, ends.signal)
        offer?.accept().catch(() => undefined)
        return offer !== undefined
      }
      const ofOne = Array.from({ length: 20 }, () => offered('mephisto@localhost')).filter(Boolean)
      expect(ofOne).to.have.length(8)
      expect(offered('wagner@localhost')).to.equal(true)
      ends.abort()
      expect(offered('mephisto@localhost')).to.equal(true)
      here.end()
    })

    it('only to the peer that it is for', async () => {
      const there = new InBand(mephisto)
      const offer = there.offer('faust@localhost', signal)!
      const fault = await offer.dial(stranger.jid!.toString(), 'a'.repeat(32)).catch(({ message }) => message)
      expect(fault).to.equal('in-band: not this peer')
      there.end()
    })
  })
})
