/**
 * A malicious peer: another component on the same server, on a raw socket. It speaks as anybody under its own domain, so
 * it has as many accounts and devices as it likes, and it answers what is sent to them as it likes, or not at all.
 */

import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { expect } from 'chai'
import type { PrivateProsody } from '../../scripts/private-prosody.js'

/** An IQ or presence that came in, by its start tag. */
export interface Heard {
  /** All of the stanza, as it came. */
  readonly text: string
  readonly name: string
  readonly from: string
  readonly to: string
  readonly id: string
  readonly type: string
}

export type Manner = 'result' | 'silent' | 'wait' | 'item-not-found' | ((heard: Heard) => string | undefined)

const stanza = /<(iq|presence|message)\b((?:[^>"']|"[^"]*"|'[^']*')*?)(?:\/>|>([\s\S]*?)<\/\1>)/g

export class MaliciousComponent {
  readonly heard: Heard[] = []
  /** What it answers to IQs of type get and set. */
  manner: Manner = 'result'
  #text = ''
  #ids = 0
  #wake: (() => void)[] = []

  private constructor(
    readonly socket: Socket,
    readonly domain: string,
    readonly target: string,
  ) {}

  /** Comes online as `domain`, which the server must know. */
  static async open(prosody: PrivateProsody, domain: string): Promise<MaliciousComponent> {
    const socket = connect({ host: '127.0.0.1', port: prosody.componentPort })
    socket.setEncoding('utf8')
    socket.on('error', () => {})
    await once(socket, 'connect')
    const it = new MaliciousComponent(socket, domain, prosody.componentDomain)
    socket.write(
      `<stream:stream xmlns='jabber:component:accept' xmlns:stream='http://etherx.jabber.org/streams' to='${domain}'>`,
    )
    const [header] = (await once(socket, 'data')) as [string]
    const id = /<stream:stream[^>]*\bid=["']([^"']*)/.exec(header)![1]!
    socket.write(
      `<handshake>${createHash('sha1')
        .update(id + prosody.secret)
        .digest('hex')}</handshake>`,
    )
    await once(socket, 'data')
    socket.on('data', (text: string) => it.#take(text))
    return it
  }

  close(): void {
    this.socket.destroy()
  }

  say(text: string): void {
    this.socket.write(text)
  }

  newId(): string {
    return `evil${++this.#ids}`
  }

  presence(from: string, device: string): string {
    return `<presence from='${from}' to='${this.target}'><login xmlns='jabberfs:transfer:1' device='${device}'/></presence>`
  }

  iq(from: string, payload: string, id = this.newId()): string {
    return `<iq type='set' from='${from}' to='${this.target}' id='${id}'>${payload}</iq>`
  }

  /** Asks, and gives the answer. */
  async ask(from: string, payload: string): Promise<string> {
    const id = this.newId()
    const mark = this.heard.length
    this.say(this.iq(from, payload, id))
    return (await this.until((heard) => heard.name === 'iq' && heard.id === id, mark)).text
  }

  async logIn(from: string, device: string): Promise<void> {
    const mark = this.heard.length
    this.say(this.presence(from, device))
    const { type } = await this.until(({ name, to }) => name === 'presence' && to === from, mark)
    expect(type).to.equal('')
  }

  /** The first stanza like this behind `mark`, as soon as it is there. */
  async until(like: (heard: Heard) => boolean, mark = 0): Promise<Heard> {
    for (let at = mark; ; ) {
      for (; at < this.heard.length; at++) if (like(this.heard[at]!)) return this.heard[at]!
      await new Promise<void>((resolve) => this.#wake.push(resolve))
    }
  }

  #take(text: string): void {
    this.#text += text
    let end = 0
    for (const match of this.#text.matchAll(stanza)) {
      const attribute = (name: string) => new RegExp(`\\b${name}=["']([^"']*)`).exec(match[2]!)?.[1] ?? ''
      const heard = {
        text: match[0],
        name: match[1]!,
        from: attribute('from'),
        to: attribute('to'),
        id: attribute('id'),
        type: attribute('type'),
      }
      end = match.index + match[0].length
      this.heard.push(heard)
      if (heard.name === 'iq' && (heard.type === 'set' || heard.type === 'get')) this.#answer(heard)
    }
    this.#text = this.#text.slice(end)
    for (const wake of this.#wake.splice(0)) wake()
  }

  #answer(heard: Heard): void {
    const { from, to, id } = heard
    const manner = typeof this.manner === 'function' ? this.manner(heard) : this.manner
    const head = `from='${to}' to='${from}' id='${id}'`
    if (manner === 'silent' || manner === undefined) return
    if (manner === 'result') this.say(`<iq type='result' ${head}/>`)
    else if (manner === 'wait')
      this.say(`<iq type='error' ${head}>${error('wait', 'resource-constraint')}</iq>`)
    else if (manner === 'item-not-found') this.say(`<iq type='error' ${head}>${error('cancel', manner)}</iq>`)
    else this.say(manner.replace('<iq', `<iq ${head}`))
  }
}

function error(type: string, condition: string): string {
  return `<error type='${type}'><${condition} xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>`
}

export const root = `<hash xmlns='urn:xmpp:hashes:2' algo='jabberfs-blake3-root'>${Buffer.alloc(32, 7).toString('base64')}</hash>`

export const file = (name = 'f') => `<file><filename>${name}</filename><filesize>1</filesize>${root}</file>`

export const offer = (id: string, peer: string, files = file(), more = '') =>
  `<offer xmlns='jabberfs:transfer:1' id='${id}' peer='${peer}'${more}>${files}</offer>`

/** Files that fill an offer, some 1,250 bytes each: 64 of them are some 80,000 bytes in some 50,000 characters. */
export const manyFiles = (count: number) =>
  Array.from({ length: count }, () => {
    const hashes = ['sha-512', 'sha3-512'].map(
      (algo) =>
        `<hash xmlns='urn:xmpp:hashes:2' algo='${algo}'>${Buffer.alloc(64).toString('base64')}</hash>`,
    )
    return file('名'.repeat(255)).replace('</file>', `${hashes.join('')}</file>`)
  }).join('')

export const device = (n: number) => n.toString(16).padStart(64, '0')

export const token = `<token>${Buffer.alloc(32, 1).toString('base64')}</token>`

/** The session id that a delivery names. */
export const sidOf = ({ text }: Heard) => /\bsid=["']([0-9a-f]{32})/.exec(text)![1]!
