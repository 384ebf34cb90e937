/**
 * The receiving side of a link that comes to have several sockets: what comes over all of them is put in order, and handed on
 * as if it had come over one.
 */

import { timingSafeEqual } from 'node:crypto'
import type { TLSSocket } from 'node:tls'
import { FrameType } from '../../protocol/frames.js'
import { GreetingReader } from '../greeting.js'
import type { Inlet } from '../inlet.js'
import { Branch } from './branch.js'
import type { BundleGround, BundleHost } from './bundle.js'
import { Further } from './further.js'
import { Lane, type LaneActions } from './lane.js'
import { Order } from './order.js'
import { proofOf } from './proof.js'
import { fromFrame, joinBytes, wishFrame } from './words.js'

/** A further dial follows the wish for it by so much at least, ms: the other side opens its port meanwhile. */
const leadMs = 20

export class Merging {
  readonly #order: Order
  readonly #first: Lane
  readonly #lanes: Lane[]
  readonly #branches: { branch: Branch; lane: Lane }[] = []
  /** Those whose other end has not proved itself. */
  readonly #asked = new Set<TLSSocket>()
  readonly #further: Further
  #from: number | undefined
  #waking = false
  #whenDrained: (() => void) | undefined

  /** @param taken bytes that were handed on before */
  constructor(
    readonly host: BundleHost,
    readonly ground: BundleGround,
    inlet: Inlet,
    more: number,
    taken: number,
    deliver: (bytes: Uint8Array) => void,
  ) {
    this.#order = new Order(taken, deliver)
    this.#first = new Lane(inlet, this.#order, this.#actions())
    this.#first.beginWith(taken)
    this.#lanes = [this.#first]
    this.#first.open()
    this.#further = new Further({
      ...ground,
      link: host.socket,
      count: more,
      onJoined: (number, socket, inlet) => this.#joined(number, socket, inlet),
    })
    void this.#ask(more)
  }

  /** How many sockets there are. */
  get sockets(): number {
    return 1 + this.#branches.length
  }

  end(): void {
    this.#joinNoMore()
    for (const { branch } of this.#branches) {
      branch.ending()
      branch.socket.end()
    }
  }

  /** The first socket has ended in order: calls `drained` when nothing comes over the others any more. */
  drain(drained: () => void): void {
    this.#joinNoMore()
    this.#whenDrained = drained
    for (const { branch } of this.#branches) branch.ending()
    this.#lookWhetherDrained()
  }

  /** The link is gone. */
  over(): void {
    this.#joinNoMore()
    for (const lane of this.#lanes) lane.close()
    for (const { branch } of this.#branches) branch.destroy()
  }

  /** Who has not joined brings nothing any more. */
  #joinNoMore(): void {
    this.#further.close()
    for (const socket of this.#asked) socket.destroy()
  }

  async #ask(more: number): Promise<void> {
    const { ground, host } = this
    if (!ground.dialled && !(await this.#further.listen())) {
      this.#further.close()
      return
    }
    if (!host.say(wishFrame(more))) this.#further.close()
    else if (ground.dialled) this.#further.dial(Math.max(leadMs, ground.roundTripMs ?? 0))
  }

  #joined(number: number, socket: TLSSocket, inlet: Inlet): void {
    const expected = proofOf(this.host.socket, number, 'sending')
    const drop = (): void => {
      this.#asked.delete(socket)
      socket.destroy()
    }
    this.#asked.add(socket)
    socket.on('error', drop)
    socket.once('close', drop)
    const reader = new GreetingReader(FrameType.join, joinBytes)
    inlet.deliverTo((chunk) => {
      let greeted: ReturnType<GreetingReader['take']>
      try {
        greeted = reader.take(chunk)
      } catch {
        drop()
      }
      if (greeted === undefined) return
      const { payload, rest } = greeted
      if (payload[0] !== number || !timingSafeEqual(payload.subarray(1), expected)) {
        drop()
        return
      }
      socket.removeListener('error', drop)
      socket.removeListener('close', drop)
      inlet.deliverTo(undefined)
      inlet.putBack(rest)
      this.#asked.delete(socket)
      this.#merge(socket, inlet)
    })
  }

  #merge(socket: TLSSocket, inlet: Inlet): void {
    const branch = new Branch(
      socket,
      (error) => this.host.lose(error),
      () => this.#lookWhetherDrained(),
    )
    const lane = new Lane(inlet, this.#order, {
      ...this.#actions(),
      from: (position) => this.#heardFrom(socket, position),
    })
    this.#lanes.push(lane)
    this.#branches.push({ branch, lane })
    lane.open()
    this.host.widened()
  }

  #actions(): LaneActions {
    return {
      came: (bytes) => this.host.came(bytes),
      from: () => this.host.lose(),
      moved: () => this.#wake(),
      failed: (error) => this.host.lose(error),
    }
  }

  #heardFrom(socket: TLSSocket, position: number): void {
    if (this.#from !== undefined) {
      this.host.lose()
      return
    }
    this.#from = position
    this.#first.endAt(position)
    socket.write(fromFrame(position))
  }

  /** Who waited for what is there now goes on. */
  #wake(): void {
    if (this.#waking) return
    this.#waking = true
    for (;;) {
      const lane = this.#lanes.find(({ mayGoOn }) => mayGoOn)
      if (lane === undefined) break
      lane.open()
    }
    this.#waking = false
    this.#lookWhetherDrained()
  }

  #lookWhetherDrained(): void {
    if (this.#whenDrained === undefined) return
    // Who waits for room waits for what nobody brings any more, once all others have ended or wait too.
    if (!this.#branches.every(({ branch, lane }) => branch.hasEnded || lane.isBlocked)) return
    const drained = this.#whenDrained
    this.#whenDrained = undefined
    drained()
  }
}
