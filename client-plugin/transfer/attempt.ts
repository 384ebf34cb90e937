/** One open attempt of a transfer, either side: its number, its sockets, and the one switch that ends all of it. */

import type { DeviceIdentity, Link, LinkAttempt } from '../../link/index.js'
import { openAttempt } from '../../link/index.js'
import type { Candidate, Way } from '../../schemas/index.js'
import type { Settings } from '../options.js'

/**
 * How an attempt ends: `stop` tells the other side that it is on purpose, so that it does not try again by itself; after a
 * `break` it does.
 */
export type Ending = 'stop' | 'break'

export class Attempt {
  readonly #switch = new AbortController()
  readonly #endings: ((how: Ending) => void)[] = []
  #link: LinkAttempt | undefined
  #candidates: Candidate[] = []
  /** Whether this side listens. */
  listened = false
  /** Whether it is known how this side can be reached. */
  isOpen = false

  constructor(
    readonly number: number,
    readonly token?: Uint8Array,
  ) {}

  get signal(): AbortSignal {
    return this.#switch.signal
  }

  get isEnded(): boolean {
    return this.#switch.signal.aborted
  }

  /** Opens the port, if this side is to listen, and says how it can be reached. */
  async open(options: {
    side: 'sending' | 'receiving'
    identity: DeviceIdentity
    peerDevice: string
    settings: Settings
    listens: boolean
  }): Promise<Way> {
    const { side, identity, peerDevice, settings, listens } = options
    const link = openAttempt({
      side,
      identity,
      peerDevice,
      listen: listens ? settings.listen : false,
      allowLoopback: settings.allowLoopback,
      deadlineMs: settings.linkDeadlineMs,
      ...(this.token && { token: this.token }),
    })
    this.#link = link
    this.whenEnded(() => link.close())
    this.#candidates = listens ? await link.candidates() : []
    this.listened = this.#candidates.length > 0
    this.isOpen = true
    return this.way
  }

  /** How this side can be reached. */
  get way(): Way {
    return this.listened ? { kind: 'listening', candidates: this.#candidates } : { kind: 'connecting' }
  }

  /** Dials these, as far as the rules of links allow. */
  dial(candidates: readonly Candidate[]): void {
    this.#link?.dial(candidates)
  }

  /** Sending side: what the other side will prove itself with. */
  setToken(token: Uint8Array): void {
    this.#link?.setToken(token)
  }

  /** The link, or LinkFailed. */
  get link(): Promise<Link> {
    return this.#link!.link
  }

  /** Calls `end` once, when the attempt ends; at once if it has. */
  whenEnded(end: (how: Ending) => void): void {
    if (this.isEnded) end('break')
    else this.#endings.push(end)
  }

  /** Ends it: nothing of it stays open. */
  end(how: Ending = 'break'): void {
    if (this.isEnded) return
    this.#switch.abort()
    for (const end of this.#endings.splice(0)) end(how)
  }
}
