/**
 * What we write on one entity's stream.
 *
 * Rules: whoever asks for room before he writes never makes too much pile up; every stanza passes the cap (P18) before a byte of it is written; what is written in one turn of the loop goes out in one call; a server that
 * takes nothing while bytes pile up is as good as gone: the connection is ended, not the memory. An error never carries what it refuses, whoever
 * built it.
 */
import type { Element } from '../schemas/xml.js'
import type { Desk } from './desk.js'
import { ConnectionFailed } from './errors.js'
import { serialiseWithin } from './serialise.js'

export class Outgoing {
  readonly #desk: Desk
  readonly #stuck: (reason: ConnectionFailed) => void
  #text = ''
  #socket: unknown = null
  #done: Promise<void> | undefined
  #room: Promise<void> | undefined
  #roomAgain: (() => void) | undefined
  #settle: ((error?: Error | null) => void) | undefined

  constructor(desk: Desk, stuck: (reason: ConnectionFailed) => void) {
    this.#desk = desk
    this.#stuck = stuck
  }

  /** Writes text with what else is written in this turn. Lost if the connection is: whoever needs to know uses `write`. */
  post(text: string): void {
    const { entity } = this.#desk
    if (entity.socket !== this.#socket) {
      // A new connection: what the old one did not get, it never will.
      this.#fail()
      this.#socket = entity.socket
      // An answer and what follows it are two small writes: with Nagle's algorithm the second waits 40 ms for the first.
      const inner = entity.socket?.socket ?? entity.socket
      inner?.setNoDelay?.(true)
    }
    if (!entity.socket) return
    if (this.#text === '') process.nextTick(() => this.#flush())
    this.#text += text
  }

  /** The same; resolves when the system has taken it. */
  write(text: string): Promise<void> {
    const { entity } = this.#desk
    if (!entity.socket || entity.status === 'closing') return Promise.reject(new ConnectionFailed('closed'))
    this.post(text)
    this.#done ??= new Promise((resolve, reject) => {
      this.#settle = (error) => (error ? reject(error) : resolve())
    })
    return this.#done
  }

  /** Sends a stanza. @throws Unsendable, ConnectionFailed */
  async send(element: Element): Promise<void> {
    const { entity, limits } = this.#desk
    const stanza = element.name === 'iq' || element.name === 'message' || element.name === 'presence'
    if (stanza) {
      if (this.#desk.component) element.attrs.from ??= this.#desk.self
      if (element.name === 'iq' && element.attrs.type === 'error') withoutEcho(element)
    }
    const text = serialiseWithin(element, limits.outgoing)
    element.parent = entity.root
    await this.write(text)
    entity.emit('send', element)
  }

  #flush(): void {
    const text = this.#text
    if (text === '') return
    const { entity, limits } = this.#desk
    const socket = entity.socket
    if (socket === null || socket !== this.#socket) {
      this.#fail()
      return
    }
    const settle = this.#settle
    this.#text = ''
    this.#done = undefined
    this.#settle = undefined
    socket.write(text, (error) => {
      settle?.(error)
      if (error || !this.#isCrowded) this.#tellRoom()
    })
    if (this.#unsent > limits.unsent) {
      this.#stuck(new ConnectionFailed('stuck'))
    }
  }

  /** @returns nothing when there is room for more; else it resolves when there is, or the connection is gone */
  whenRoom(): Promise<void> | undefined {
    if (!this.#isCrowded) return undefined
    this.#room ??= new Promise((resolve) => {
      this.#roomAgain = resolve
    })
    return this.#room
  }

  get #isCrowded(): boolean {
    return this.#text.length + this.#unsent > this.#desk.limits.crowded
  }

  /** Bytes that the system has not taken yet. */
  get #unsent(): number {
    const { socket } = this.#desk.entity
    return socket?.writableLength ?? socket?.socket?.writableLength ?? 0
  }

  #tellRoom(): void {
    const tell = this.#roomAgain
    this.#room = undefined
    this.#roomAgain = undefined
    tell?.()
  }

  #fail(): void {
    const settle = this.#settle
    this.#text = ''
    this.#done = undefined
    this.#settle = undefined
    settle?.(new ConnectionFailed('closed'))
    this.#tellRoom()
  }
}

/** The stock error reply carries the whole request back, grown by escaping. */
function withoutEcho(iq: Element): void {
  const error = iq.children.find((child) => typeof child === 'object' && child.name === 'error')
  if (error !== undefined) iq.children = [error]
}
