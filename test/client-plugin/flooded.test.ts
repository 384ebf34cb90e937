/**
 * Whatever a component says, and however much of it, the plugin's memory stays where it was (P16). The component is played here; the
 * plugin has a process of its own, in which its memory is looked at.
 */

import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { type Element, nsCatalogue, nsTransfer, xml } from '../../schemas/index.js'
import { parseXml } from '../../schemas/xml.js'
import { type PrivateProsody, startProsody } from '../../scripts/private-prosody.js'
import { answer, createComponentEntity, onPresence, request, type XmppEntity } from '../../wire/index.js'
import type { Look, Order, Wish } from './flooded-process.js'

const mib = 2 ** 20
/** Over what it takes when nothing happens (P16). */
const mostOver = 64 * mib
/** What is still held when all is over: a thousand of those that ended are remembered. */
const mostKept = 24 * mib
/** What is still held of four hundred answers of which nobody holds anything. */
const mostKeptOfAnswers = 8 * mib

const device = 'd'.repeat(64)
const token = Buffer.alloc(32, 7).toString('base64')
const root = Buffer.alloc(32, 1).toString('base64')
const hash = `<hash xmlns='urn:xmpp:hashes:2' algo='jabberfs-blake3-root'>${root}</hash>`
const long = '𝕏'.repeat(1_000)
const file = `<file><filename>${'n'.repeat(250)}</filename><filesize>7</filesize>${hash}</file>`
const path = `${'folder/'.repeat(60)}name`
const nsRsm = 'http://jabber.org/protocol/rsm'
const pages = `<set xmlns='${nsRsm}'><first>a</first><last>b</last></set>`

describe('a plugin whose component says too much', function () {
  this.timeout(300_000)
  const dir = mkdtempSync(join(tmpdir(), 'jabberfs-flooded-'))
  let prosody: PrivateProsody
  let component: XmppEntity
  let child: ChildProcess
  let to: string
  let calm: Look
  let sids = 0

  before(async () => {
    prosody = await startProsody({ iterations: 100, users: { faust: 'secret' } })
    const { componentDomain: domain, componentService, secret, service } = prosody
    component = createComponentEntity({ service: componentService, domain, secret })
    onPresence(component, (presence) => {
      const login = presence.getChild('login', nsTransfer)
      const { from, type } = presence.attrs
      if (!login || type !== undefined) return
      to = from!
      void component.send(parseXml(`<presence from='${domain}' to='${from}'>${login}</presence>`))
    })
    const say = (name: string, as: string, inside: string) =>
      answer(component, {
        type: 'get',
        ns: nsCatalogue,
        name,
        handle: () => parseXml(`<${as} xmlns='${nsCatalogue}'>${inside}</${as}>`),
      })
    const hit = `<hit h='${root}' s='1' n='3' o='1' t='image/jpeg' p='a@b.example' i='a-share-1'>${path}</hit>`
    say('search', 'found', hit.repeat(60) + pages)
    // Pages without end, and nothing on them.
    say('sources', 'source-list', pages)
    say('browse', 'listing', pages)
    await component.start()
    const order: Order = {
      jid: 'faust@localhost/desk',
      password: 'secret',
      service,
      component: domain,
      state: join(dir, 'state'),
    }
    const script = fileURLToPath(new URL('flooded-process.js', import.meta.url))
    child = fork(script, [JSON.stringify(order)], { execArgv: ['--expose-gc'] })
    await once(child, 'message')
    // What is loaded and compiled only when it is used is there before it is measured.
    await offers(300)
    await words(300)
    await one('search')
    calm = await one('look')
  })
  after(async () => {
    child.kill()
    await once(child, 'exit')
    await component.stop()
    await prosody.stop()
    rmSync(dir, { recursive: true })
  })

  async function one(wish: Wish): Promise<Look> {
    child.send(wish)
    return (await once(child, 'message'))[0] as Look
  }

  const ask = (payload: string): Promise<unknown> =>
    request(component, { to, type: 'set', payload: parseXml(payload), timeoutMs: 30_000 }).catch(
      () => undefined,
    )

  async function many(count: number, say: (n: number) => Promise<unknown>, atOnce = 100): Promise<void> {
    for (let n = 0; n < count; n += atOnce) {
      await Promise.all(Array.from({ length: Math.min(atOnce, count - n) }, (_, at) => say(n + at)))
    }
  }

  const routed = (name: string, attrs: string, inside: string, peer = 'faust@localhost') => {
    const sid = (++sids).toString(16).padStart(32, '0')
    const whole = (name: string, inside: string, attrs = '') =>
      `<${name} xmlns='${nsTransfer}' sid='${sid}' id='${sid.slice(16)}' peer='${peer}' device='${device}' stamp='2026-01-01T00:00:00.000Z' ${attrs}>${inside}</${name}>`
    return { said: whole(name, inside, attrs), taken: whole('abort', '<reason>user</reason>') }
  }

  const offers = (count: number, peer?: string) =>
    many(count, async () => {
      const { said, taken } = routed('offer', '', `<desc>${long}</desc>${file}`, peer)
      await ask(said)
      await ask(taken)
    })
  /** What belongs to nothing: each is answered by a word of the plugin, which nobody answers. */
  const words = (count: number) =>
    many(count, () =>
      ask(
        routed(
          'append',
          `attempt='2'`,
          `<connecting/><token>${token}</token><filebytesdone>0</filebytesdone>`,
        ).said,
      ),
    )

  const isBounded = (seen: Look, kept = mostKept, before = calm): void => {
    expect(seen.most - calm.resident).to.be.below(mostOver)
    expect(seen.heap - before.heap).to.be.below(kept)
  }

  it('offers without end, each taken back', async () => {
    await offers(2_200)
    isBounded(await one('look'))
  })

  it('offers and requests that nobody takes back, of people who are not shown', async () => {
    await many(500, () => ask(routed('offer', '', `<desc>${long}</desc>${file}`, 'a@stranger.example').said))
    await many(500, () =>
      ask(
        routed(
          'request',
          `share='a-share-1'`,
          `<filename>a</filename><path>${path}</path>`,
          'a@stranger.example',
        ).said,
      ),
    )
    isBounded(await one('look'))
  })

  it('words about nothing that is known', async () => {
    await words(3_000)
    isBounded(await one('look'))
  })

  it('stanzas of nothing but elements', async () => {
    const flat = Array.from({ length: 6_000 }, () => xml('a'))
    const deep = (depth: number): Element => (depth === 0 ? xml('a') : xml('a', {}, deep(depth - 1)))
    const say = (inside: Element[]) =>
      request(component, {
        to,
        type: 'set',
        payload: xml('offer', { xmlns: nsTransfer }, ...inside),
        timeoutMs: 30_000,
      })
    await many(100, (n) => say(n % 2 ? [deep(200)] : flat).catch(() => undefined), 20)
    isBounded(await one('look'))
  })

  it('presence, messages, and matches of saved searches', async () => {
    const hit = `<hit h='${root}' s='1' n='3' o='1' p='a@b.example' i='a-share-1'>${path}</hit>`
    await many(1_000, () =>
      ask(`<matched xmlns='${nsCatalogue}' id='w1' more='0'>${hit.repeat(8)}</matched>`),
    )
    for (let n = 0; n < 1_000; n++) {
      const from = `${prosody.componentDomain}`
      await component.send(
        parseXml(`<presence from='${from}' to='${to}'><status>${long}</status></presence>`),
      )
    }
    await ask(`<ping xmlns='urn:xmpp:ping'/>`)
    isBounded(await one('look'))
  })

  it('answers of the largest size, and pages without end', async () => {
    const before = await one('look')
    for (const wish of ['search', 'browse', 'sources'] as const) {
      isBounded(await one(wish), mostKeptOfAnswers, before)
    }
  })
})
