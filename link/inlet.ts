/**
 * Where the bytes of a socket come in, whichever way Node hands them over.
 *
 * A socket can be given one static buffer to read into (`onread`), which spares a copy and an allocation for each read: by an
 * option where it dials, and by what that option does inside Node where it was accepted (read-into.ts); without, there is
 * only `'data'`. The receiver may change (greeting, then link); bytes that
 * come while there is none are copied and held, and the socket is paused, so what is held stays small.
 */

import type { TLSSocket } from 'node:tls'
import { readInto } from './read-into.js'

/** TLS hands over a record at a time, 16 KiB at most, so a bigger buffer would not be filled. */
const readBufferBytes = 64 * 1024

/** A paused socket still hands over what it has read and decrypted already; more than this cannot be that. */
const maxHeldBytes = 1024 * 1024

/** Takes a chunk whose memory is valid only during the call. */
export type Receive = (chunk: Uint8Array) => void

export class Inlet {
  private receive: Receive | undefined
  private held: Uint8Array[] = []
  private heldBytes = 0
  private socket: TLSSocket | undefined
  private stopped = false
  private readonly own: Buffer
  private room: (() => Uint8Array | undefined) | undefined

  /** For a socket that dials: the option `onread`. */
  readonly onread = {
    /** Asked before the first read, and after each. */
    buffer: (): Uint8Array => (this.held.length === 0 && this.room?.()) || this.own,
    callback: (bytes: number, buffer: Uint8Array): boolean => this.take(buffer.subarray(0, bytes)),
  }

  private constructor(bufferBytes: number) {
    this.own = Buffer.allocUnsafeSlow(bufferBytes)
  }

  /** An inlet for much: a socket that is about to dial gets its `onread`, to be attached once it exists. */
  static forMuch(): Inlet {
    return new Inlet(readBufferBytes)
  }

  /** An inlet for some words now and then. */
  static forWords(): Inlet {
    return new Inlet(0)
  }

  /** Ties the socket to it. @param dialled whether it was given `onread` when it was made */
  attach(socket: TLSSocket, dialled: boolean): void {
    this.socket = socket
    if (this.own.length > 0 && (dialled || readInto(socket, this.onread))) return
    socket.on('data', (chunk: Buffer) => {
      if (!this.take(chunk)) socket.pause()
    })
  }

  /** Whether bytes are here that nobody has taken yet. */
  get holds(): boolean {
    return this.held.length > 0
  }

  /** Asks for memory to read into from now on; what it gives is the socket's until it is asked again. */
  lendRoom(room: () => Uint8Array | undefined): void {
    this.room = room
  }

  /** Sets the one receiver, and gives it what is held. Without one the socket is paused at the next bytes. */
  deliverTo(receive: Receive | undefined): void {
    this.receive = receive
    while (this.receive !== undefined && this.held.length > 0) {
      const chunk = this.held.shift()!
      this.heldBytes -= chunk.length
      this.receive(chunk)
    }
    if (this.receive === undefined || !this.stopped) return
    this.stopped = false
    this.socket?.resume()
  }

  /** Puts bytes back in front of all others: the receiver took less than it was given. */
  putBack(bytes: Uint8Array): void {
    if (bytes.length === 0) return
    this.held.unshift(Uint8Array.from(bytes))
    this.heldBytes += bytes.length
  }

  private take(chunk: Uint8Array): boolean {
    if (this.receive !== undefined && this.held.length === 0) {
      this.receive(chunk)
      return true
    }
    // A chunk's memory is the socket's own buffer, which the next read fills again.
    this.held.push(Uint8Array.from(chunk))
    this.heldBytes += chunk.length
    if (this.heldBytes > maxHeldBytes) this.socket?.destroy()
    this.stopped = true
    return false
  }
}
