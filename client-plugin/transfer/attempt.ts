/** One open attempt of a transfer, either side: its number, its sockets, and the one switch that ends all of it. */

import type { DeviceIdentity, Link, LinkAttempt, PathPolicy } from '../../link/index.js'
import { openAttempt } from '../../link/index.js'
import type { Candidate, Way } from '../../schemas/index.js'
import type { Settings } from '../options.js'
import type { Paths } from '../paths/paths.js'
import { noMoreWarming } from './warming.js'

/**
 * How an attempt ends: `stop` tells the other side that it is on purpose, so that it does not try again by itself; after a
 * `break` it does.
 */
export type Ending = 'stop' | 'break'

/** Which paths an attempt may take, and what for. */
export interface Reach {
  paths: Paths
  /** Bare JID. */
  peer: string
  policy: PathPolicy
  /** Bytes of the file that are still to come, as far as is known. */
  left: number
}

export class Attempt {
  readonly #switch = new AbortController()
  /** Over when there is a link, or none. */
  readonly #looking = new AbortController()
  readonly #endings: ((how: Ending) => void)[] = []
  #link: LinkAttempt | undefined
  #candidates: Candidate[] = []
  /** Whether somebody sees to the link. */
  #isTaken = false
  /** Whether it is known how this side can be reached. */
  isOpen = false
  /** Whether only relays are allowed, and none is known. */
  lacksRelay = false

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

  /**
   * Gathers what this side can use, opens the port, if this side is to listen, and says how it can be reached. Relays are
   * announced also by who may not listen, but not by who leaves that to the other side.
   */
  async open(options: {
    side: 'sending' | 'receiving'
    identity: DeviceIdentity
    peerDevice: string
    settings: Settings
    listens: boolean
    reach: Reach
    /** Called once it can dial, before it is known how this side can be reached. */
    onDialling?: () => void
  }): Promise<Way> {
    const { side, identity, peerDevice, settings, listens, reach } = options
    const { paths, peer, policy, left } = reach
    const { signal } = this.#looking
    noMoreWarming()
    this.whenEnded(() => this.#looking.abort())
    const gather = await paths.gather({ peer, device: peerDevice, policy, listens, left, signal })
    if (this.isEnded) return this.way
    this.lacksRelay = policy === 'relay' && !gather.proxies && !gather.turn
    const lately = paths.lately(peerDevice)
    const link = openAttempt({
      side,
      identity,
      peerDevice,
      listen: listens ? settings.listen : false,
      allowLoopback: settings.allowLoopback,
      deadlineMs: settings.linkDeadlineMs,
      policy,
      gather,
      sockets: settings.sockets,
      ...(lately && { lately }),
      ...(this.token && { token: this.token }),
    })
    this.#link = link
    this.whenEnded(() => {
      link.close()
      // It may be there before anybody has asked for it: the other side dials as soon as it hears of us.
      if (!this.#isTaken) link.link.then((unused) => unused.destroy()).catch(() => undefined)
    })
    const found = () => this.#looking.abort()
    link.link
      .then(
        ({ path }) => paths.worked(peerDevice, path.kind),
        () => undefined,
      )
      .finally(found)
    const announces = listens || settings.sides === 'both'
    const candidates = announces ? link.candidates() : []
    options.onDialling?.()
    this.#candidates = await candidates
    this.isOpen = true
    return this.way
  }

  /** How this side can be reached. */
  get way(): Way {
    return this.#candidates.length > 0
      ? { kind: 'listening', candidates: this.#candidates }
      : { kind: 'connecting' }
  }

  /** Whether this side listens itself. */
  get listened(): boolean {
    return opensPort(this.way)
  }

  /** Whether this side can be reached at all. */
  get isReachable(): boolean {
    return this.#candidates.length > 0
  }

  /** Dials these, as far as the rules of links allow; tells of the link that comes of it, if any does. */
  dial(candidates: readonly Candidate[], linked: (link: Link) => void): void {
    this.#link?.dial(candidates)
    this.#link?.link.then(linked, () => undefined)
  }

  /** Sending side: what the other side will prove itself with. */
  setToken(token: Uint8Array): void {
    this.#link?.setToken(token)
  }

  /** The link, or LinkFailed. */
  get link(): Promise<Link> {
    this.#isTaken = true
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

/** Whether whoever said this listens himself, and is not only reached through others (docs/protocol.md, "Sides"). */
export function opensPort(way: Way): boolean {
  return way.kind === 'listening' && way.candidates.some(({ kind }) => kind === 'host' || kind === 'mapped')
}
