/**
 * The sending side of a link that may come to have several sockets. Where the path is long, what is written waits here and not in
 * the first socket, so that it can be given to others when they are there.
 */

import type { TLSSocket } from 'node:tls'
import { type FrameHeader, FrameType } from '../../protocol/frames.js'
import { FrameEdge } from '../frame-edge.js'
import type { Inlet } from '../inlet.js'
import { Branch } from './branch.js'
import type { BundleGround, BundleHost } from './bundle.js'
import { Further } from './further.js'
import { Outlet } from './outlet.js'
import { fromFrame } from './words.js'

export class Spreading {
  readonly #branches: Branch[] = []
  readonly #wishes = new FrameEdge((header) => this.#heard(header))
  #further: Further | undefined
  #outlet: Outlet | undefined
  #isSplit = false
  #agreed = false
  #ended = false

  constructor(
    readonly host: BundleHost,
    readonly ground: BundleGround,
  ) {
    if (ground.isLong) this.#outlet = new Outlet(host.socket, 0)
  }

  /** How many sockets there are. */
  get sockets(): number {
    return 1 + this.#branches.length
  }

  /** What is written goes here; undefined: to the socket itself. */
  get outlet(): Outlet | undefined {
    return this.#outlet
  }

  /** Bytes that went over further sockets. */
  get bytesSent(): number {
    return this.#branches.reduce((sum, { socket }) => sum + socket.bytesWritten - socket.writableLength, 0)
  }

  /** Looks for the other side's wish in what it says on the link. */
  hear(chunk: Uint8Array): void {
    if (this.#further === undefined && !this.#ended) this.#wishes.pass(chunk)
  }

  end(): void {
    this.#ended = true
    this.#further?.close()
    for (const branch of this.#branches) branch.ending()
    this.#outlet?.end()
  }

  /** The first socket is gone. What was ended in order may still be on its way. */
  over(inOrder: boolean): void {
    this.#ended = true
    this.#further?.close()
    this.#outlet?.stop()
    if (!inOrder) for (const branch of this.#branches) branch.destroy()
  }

  #heard({ type, offset }: FrameHeader): void {
    if (type !== FrameType.alive || offset === 0 || this.#further !== undefined) return
    const { ground, host } = this
    const further = new Further({
      ...ground,
      link: host.socket,
      count: Math.min(offset, ground.most - 1),
      onJoined: (_number, socket, inlet) => this.#joined(socket, inlet),
    })
    this.#further = further
    // Who is dialled listens already.
    if (ground.dialled) further.dial(0)
    else void further.listen().then((listens) => listens || further.close())
  }

  #joined(socket: TLSSocket, inlet: Inlet): void {
    this.#branches.push(new Branch(socket, (error) => this.host.lose(error)))
    this.#outlet ??= new Outlet(this.host.socket, this.host.written)
    const edge = new FrameEdge((header) => this.#answered(header))
    inlet.deliverTo((chunk) => {
      this.host.came(chunk.length)
      edge.pass(chunk)
      if (edge.isLost) this.host.lose()
    })
    if (!this.#isSplit) {
      this.#isSplit = true
      socket.write(fromFrame(this.#outlet.split()))
    }
    this.#outlet.join(socket)
    this.host.widened()
  }

  /** The receiving side says on a further socket that it expects pieces on the first one too. */
  #answered({ type, payloadBytes }: FrameHeader): void {
    if (payloadBytes === 0 && type === FrameType.alive) return
    if (payloadBytes > 0 || type !== FrameType.from || this.#agreed) {
      this.host.lose()
      return
    }
    this.#agreed = true
    this.#outlet!.join(this.host.socket)
  }
}
