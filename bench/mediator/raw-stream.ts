/**
 * An XMPP stream as a bare socket: a client's or a component's. What is said within one turn is written at once.
 * It serves the load and the echo only: loopback, no TLS, a server of our own.
 */

import { createHash } from 'node:crypto'
import { connect, type Socket } from 'node:net'
import { attributeOf, StanzaCutter } from './stanza-cutter.js'

export class RawStream {
  onStanza: (stanza: string) => void = () => {}
  #queued = ''
  #cutter: StanzaCutter
  #header = ''

  private constructor(private readonly socket: Socket) {
    socket.setNoDelay(true)
    socket.setEncoding('utf8')
    this.#cutter = new StanzaCutter((stanza) => this.onStanza(stanza))
    socket.on('data', (text: string) => {
      if (this.#header === '') this.#header = text
      this.#cutter.push(text)
    })
    socket.on('error', (error) => {
      throw error
    })
  }

  static open(port: number): Promise<RawStream> {
    return new Promise((resolve, reject) => {
      const socket = connect({ host: '127.0.0.1', port })
      socket.once('error', reject)
      socket.once('connect', () => {
        socket.off('error', reject)
        resolve(new RawStream(socket))
      })
    })
  }

  /** Queues text; everything queued in this turn goes out in one write. */
  send(text: string): void {
    if (this.#queued === '') queueMicrotask(() => this.#flush())
    this.#queued += text
  }

  /** Sends and waits for the next stanza. */
  ask(text: string): Promise<string> {
    return new Promise((resolve) => {
      const before = this.onStanza
      this.onStanza = (stanza) => {
        this.onStanza = before
        resolve(stanza)
      }
      this.send(text)
    })
  }

  /** Logs in by PLAIN and binds. @returns the full JID. */
  async logIn(name: string, password: string, resource: string): Promise<string> {
    const header = `<stream:stream to='localhost' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>`
    await this.ask(header)
    const credentials = Buffer.from(`\0${name}\0${password}`).toString('base64')
    const said = await this.ask(
      `<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>${credentials}</auth>`,
    )
    if (!said.includes('<success')) throw new Error(`${name} could not log in: ${said}`)
    await this.ask(header)
    const bound = await this.ask(
      `<iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>${resource}</resource></bind></iq>`,
    )
    const jid = /<jid>([^<]+)<\/jid>/.exec(bound)?.[1]
    if (jid === undefined) throw new Error(`${name} could not bind: ${bound}`)
    return jid
  }

  /** Authenticates as a component (XEP-0114). */
  async handshake(domain: string, secret: string): Promise<void> {
    this.send(
      `<stream:stream to='${domain}' xmlns='jabber:component:accept' xmlns:stream='http://etherx.jabber.org/streams'>`,
    )
    await new Promise((resolve) => this.socket.once('data', resolve))
    const id = attributeOf(this.#header, 'id') ?? ''
    const digest = createHash('sha1')
      .update(id + secret)
      .digest('hex')
    const said = await this.ask(`<handshake>${digest}</handshake>`)
    if (!said.startsWith('<handshake')) throw new Error(`the server refused ${domain}: ${said}`)
  }

  end(): void {
    this.socket.end('</stream:stream>')
  }

  #flush(): void {
    const text = this.#queued
    this.#queued = ''
    this.socket.write(text)
  }
}
