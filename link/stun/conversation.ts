/**
 * STUN over one TCP connection (RFC 8489, section 6.2.2): messages cut out of the stream, replies matched to requests by
 * their transaction.
 *
 * What is well framed and not understood, not for us, or of nobody's request is passed over; what is no STUN at all ends
 * the connection, as the next message cannot be found any more. Each request has its own time.
 */

import { randomBytes } from 'node:crypto'
import type { Socket } from 'node:net'
import { afterAwake } from '../awake.js'
import { beyondUs } from './attributes.js'
import { fingerprintFits } from './integrity.js'
import { messageBytes, readMessage, type StunMessage, transactionBytes } from './message.js'

/** - `timeout`: no reply in time - `closed`: the connection ended, or what came is not STUN */
export type StunFailure = 'timeout' | 'closed'

/** A request without a reply. No address is ever in its text. */
export class StunFailed extends Error {
  override name = 'StunFailed'
  constructor(
    readonly code: StunFailure,
    cause?: unknown,
  ) {
    super(`STUN: ${code}`, cause === undefined ? undefined : { cause })
  }
}

interface Awaited {
  method: number
  accept: (bytes: Buffer, message: StunMessage) => boolean
  resolve: (message: StunMessage) => void
  reject: (error: Error) => void
  stop: () => void
  last: boolean
}

export interface Conversed {
  /** The request of this transaction, as bytes. */
  write: (transaction: Buffer) => Buffer
  method: number
  /** Whether a reply of this transaction counts; one that does not is passed over. */
  accept?: (bytes: Buffer, message: StunMessage) => boolean
  timeoutMs: number
  /** Behind the reply the stream is no STUN any more: it is released as the reply is taken (RFC 6062, section 4.3). */
  last?: boolean
}

export class Conversation {
  private readonly awaited = new Map<string, Awaited>()
  private held: Buffer = Buffer.alloc(0)
  private over: Error | undefined
  private released = false
  private readonly onReadable = (): void => this.read()
  private readonly onEnd = (): void => this.end()

  /**
   * @param socket a connection that nobody else reads
   * @param onIndication hears indications, which are not awaited by anybody
   */
  constructor(
    private readonly socket: Socket,
    private readonly onIndication: (message: StunMessage) => void = () => {},
    private readonly onOver: () => void = () => {},
  ) {
    socket.on('readable', this.onReadable)
    socket.on('end', this.onEnd)
    socket.on('close', this.onEnd)
    socket.on('error', this.onEnd)
  }

  /** Says a request, and gives its reply, success or error. @throws StunFailed */
  request({ write, method, accept = () => true, timeoutMs, last = false }: Conversed): Promise<StunMessage> {
    if (this.over !== undefined) return Promise.reject(this.over)
    const transaction = randomBytes(transactionBytes)
    const key = transaction.toString('hex')
    return new Promise((resolve, reject) => {
      const stop = afterAwake(timeoutMs, () => {
        this.awaited.delete(key)
        reject(new StunFailed('timeout'))
      })
      this.awaited.set(key, { method, accept, resolve, reject, stop, last })
      this.socket.write(write(transaction))
    })
  }

  /**
   * Lets go of the socket, as if nobody had read it yet: what came behind the last message is put back and waits for the
   * next reader. (That is why it is read by `readable`: after `data`, a socket flows on or stays paused.) What still waits
   * for a reply fails.
   */
  release(): void {
    this.released = true
    this.socket.removeListener('readable', this.onReadable)
    this.socket.removeListener('end', this.onEnd)
    this.socket.removeListener('close', this.onEnd)
    if (this.held.length > 0) this.socket.unshift(this.held)
    this.held = Buffer.alloc(0)
    this.end()
    // The listener of `error` stays: an error before the next owner listens is no reason to die.
  }

  private read(): void {
    while (!this.released) {
      const chunk = this.socket.read() as Buffer | null
      if (chunk === null) return
      this.heard(chunk)
    }
  }

  private heard(chunk: Buffer): void {
    this.held = this.held.length === 0 ? chunk : Buffer.concat([this.held, chunk])
    while (!this.released && this.over === undefined) {
      const length = messageBytes(this.held)
      if (length === 0) {
        this.end()
        this.socket.destroy()
        return
      }
      if (length === undefined || this.held.length < length) return
      const bytes = this.held.subarray(0, length)
      this.held = this.held.subarray(length)
      this.take(bytes)
    }
  }

  private take(bytes: Buffer): void {
    const message = readMessage(bytes)
    if (message === undefined || !fingerprintFits(bytes) || beyondUs(message)) return
    if (message.kind === 'indication') this.onIndication(message)
    if (message.kind !== 'success' && message.kind !== 'error') return
    const key = message.transaction.toString('hex')
    const awaited = this.awaited.get(key)
    if (awaited?.method !== message.method || !awaited.accept(bytes, message)) return
    this.awaited.delete(key)
    awaited.stop()
    if (awaited.last && message.kind === 'success') this.release()
    awaited.resolve(message)
  }

  private end(): void {
    if (this.over !== undefined) return
    this.over = new StunFailed('closed')
    for (const { reject, stop } of this.awaited.values()) {
      stop()
      reject(this.over)
    }
    this.awaited.clear()
    this.onOver()
  }
}
