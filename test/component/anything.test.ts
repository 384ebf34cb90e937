/**
 * Anything that XMPP can carry, said to the component by another one at a real Prosody, from a seed: each question gets one answer, from
 * where it was asked; nothing else gets more than one word, of a kind that nobody answers (P15, P18; cases 17–20).
 */

import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { expect } from 'chai'
import { type Element, parseJid, xml } from '../../schemas/index.js'
import { ping } from '../../schemas/xep/ping.js'
import { clientLimits } from '../../wire/index.js'
import { StanzaParser } from '../../wire/xml/stanza-parser.js'
import { seed } from '../seed.js'
import { randomOf } from './cable.js'
import { newDevice, Stage } from './stage.js'

const runs = Number(process.env.JABBERFS_RUNS ?? 1_500)
const asker = 'other.localhost'

const names = [
  'offer',
  'accept',
  'login',
  'query',
  'command',
  'ping',
  'time',
  'search',
  'publish',
  'x',
  'error',
]
const namespaces = [
  'jabberfs:transfer:1',
  'jabberfs:transfer:2',
  'jabberfs:catalogue:1',
  'http://jabber.org/protocol/disco#info',
  'http://jabber.org/protocol/disco#items',
  'http://jabber.org/protocol/commands',
  'http://jabber.org/protocol/bytestreams',
  'jabber:iq:search',
  'jabber:iq:register',
  'jabber:iq:version',
  'jabber:iq:roster',
  'urn:xmpp:ping',
  'urn:xmpp:time',
  'urn:xmpp:fis:0',
  'urn:alien',
]

describe('the component, whatever is said to it', function () {
  this.timeout(120_000)
  let stage: Stage
  let socket: Socket
  const heard: Element[] = []
  /** What the component's log has of it. */
  const troubles: string[] = []
  const random = randomOf(seed)
  const of = <T>(all: readonly T[]): T => all[Math.floor(random() * all.length)]!
  const maybe = <T>(value: T, chance = 0.5): T | undefined => (random() < chance ? value : undefined)

  before(async () => {
    const config = { catalogue: { users: ['*'] }, logLevel: 'warn' as const }
    stage = await Stage.open(
      config,
      { log: { write: (line: string) => void troubles.push(line) } },
      { components: [asker] },
    )
    await logIn()
  })
  after(async () => {
    socket?.destroy()
    await stage?.close()
  })

  /** Another component (XEP-0114), as raw as they come. */
  async function logIn(): Promise<void> {
    const { secret, componentService } = stage.prosody
    const { hostname: host, port } = new URL(componentService)
    socket = connect({ host, port: Number(port) })
    const parser = new StanzaParser(clientLimits)
    socket.setEncoding('utf8').on('data', (text: string) => parser.write(text))
    const started = once(parser, 'start') as Promise<[Element]>
    const shaken = once(parser, 'element')
    socket.write(
      `<stream:stream to='${asker}' xmlns='jabber:component:accept' xmlns:stream='http://etherx.jabber.org/streams'>`,
    )
    const [header] = await started
    socket.write(
      `<handshake>${createHash('sha1').update(`${header.attrs.id}${secret}`).digest('hex')}</handshake>`,
    )
    await shaken
    parser.on('element', (element: Element) => heard.push(element))
  }

  let pings = 0
  /** Resolves when the component has heard all that was said before. */
  async function caughtUp(): Promise<void> {
    const id = `ping${pings++}`
    socket.write(xml('iq', { from: asker, to: stage.domain, type: 'get', id }, ping()).toString())
    while (!heard.some(({ attrs }) => attrs.id === id)) await once(socket, 'data')
  }

  const words = () =>
    of(['', 'a', '0', '-1', 'f'.repeat(32), newDevice(), 'ü<&>"', 'x'.repeat(5_000), 'a@b/c'])
  function anything(depth = 3): Element {
    const attrs: Record<string, string | undefined> = {
      xmlns: maybe(of(namespaces), 0.8),
      node: maybe(words(), 0.2),
      sid: maybe(words(), 0.3),
      device: maybe(words(), 0.3),
      attempt: maybe(words(), 0.2),
      type: maybe(of(['submit', 'cancel', 'form', 'zz']), 0.2),
      'xml:lang': maybe('de', 0.1),
    }
    const children =
      depth === 0 || random() < 0.4 ? [] : Array.from({ length: 1 + random() * 3 }, () => anything(depth - 1))
    return xml(of(names), attrs, ...children, maybe(words(), 0.3))
  }

  function stanza(id: string): Element {
    const kind = of(['iq', 'iq', 'iq', 'message', 'presence'] as const)
    const types = {
      iq: ['get', 'set', 'get', 'set', 'result', 'error', 'sit', undefined],
      message: ['chat', 'normal', 'groupchat', 'headline', 'error', 'zz', undefined],
      presence: [
        'subscribe',
        'subscribed',
        'unsubscribe',
        'unsubscribed',
        'probe',
        'unavailable',
        'error',
        'zz',
        undefined,
      ],
    }
    const from = of([asker, `x@${asker}`, `x@${asker}/r`, `y@${asker}/r`, `${asker}/r`])
    const to = of(['', '/x', '/ü'].map((rest) => `${of(['', '', 'anyone@'])}${stage.domain}${rest}`))
    // Without any child Prosody itself falls over it, and says nothing.
    const payload = Array.from({ length: of([1, 1, 1, 1, 2]) }, () => anything())
    const body = kind === 'message' && random() < 0.5 ? [xml('body', null, words())] : []
    const attrs = { from, to, id: maybe(id, 0.95), type: of(types[kind]), 'xml:lang': maybe('fr', 0.1) }
    return xml(kind, attrs, ...body, ...payload)
  }

  it(`answers each question once, and nothing else but by what ends it (seed ${seed})`, async () => {
    const said = new Map<string, Element>()
    for (let n = 0; n < runs; n++) {
      const one = stanza(`n${n}`)
      said.set(`n${n}`, one)
      socket.write(one.toString())
      // At its pace, as one JID may not ask without end.
      if (n % 50 === 49) await caughtUp()
    }
    const isAsked = ({ name, attrs }: Element) =>
      name === 'iq' && attrs.id !== undefined && (attrs.type === 'get' || attrs.type === 'set')
    const questions = [...said.values()].filter(isAsked)
    const answersTo = (id: string) => heard.filter(({ name, attrs }) => name === 'iq' && attrs.id === id)
    const until = performance.now() + 30_000
    while (questions.some(({ attrs }) => answersTo(attrs.id!).length === 0) && performance.now() < until) {
      await pause(50)
    }
    for (const question of questions) {
      const answers = answersTo(question.attrs.id!)
      expect(answers.length, String(question).slice(0, 500)).to.equal(1)
      const { attrs } = answers[0]!
      expect(parseJid(attrs.from!)?.full).to.equal(parseJid(question.attrs.to!)?.full)
      expect(attrs.to).to.equal(question.attrs.from)
      expect(attrs.type).to.be.oneOf(['result', 'error'])
      expect(String(answers[0])).not.to.include('internal-server-error')
    }
    const asked = new Set(questions.map(({ attrs }) => attrs.id))
    for (const each of heard) {
      const { name, attrs } = each
      if (name === 'iq' && !asked.has(attrs.id)) expect(said.has(attrs.id!), String(each)).to.equal(false)
      if (name === 'message') expect(attrs.type).to.equal('error')
      if (name === 'presence' && attrs.type !== 'unsubscribed' && attrs.type !== 'error') {
        expect(each.getChild('login'), String(each)).not.to.equal(undefined)
      }
    }
    expect(troubles).to.deep.equal([])
    const count = (kind: string) => [...said.values()].filter(({ name }) => name === kind).length
    expect(heard.filter(({ name }) => name === 'message').length).to.be.lessThan(count('message'))
    expect(heard.filter(({ name }) => name === 'presence').length).to.be.lessThan(count('presence'))
  })
})
