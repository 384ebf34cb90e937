/**
 * What this side can use besides its own addresses, for each attempt (docs/protocol.md, "Paths beyond addresses").
 *
 * Rules: only what our own server names is contacted, and nothing but that server before an accept; what is not known in
 * time is left out, so that no transfer waits for it; a policy of `relay` leaves out all that would show an address of
 * ours, one of `direct` all that goes through somebody else.
 */

import type { Gathering, PathKind, PathPolicy, TurnServer } from '../../link/index.js'
import type { LookingMapper } from '../../link/mapping/index.js'
import type { XmppEntity } from '../../wire/index.js'
import { Expense } from './expense.js'
import { findProxies, findServices, type Services, type StreamProxy } from './finding.js'
import { Health } from './health.js'
import { InBand } from './in-band/in-band.js'
import { proxyOffers } from './proxy-offer.js'
import { Remembered } from './remembered.js'

/** An attempt waits so long for what was never asked for before, ms. */
const patienceMs = 1_000
/** Credentials must be good for so long yet, ms. */
const leastTermMs = 120_000
/** Credentials that are so fresh are good, whatever the clocks of the two machines say, ms. */
const surelyGoodMs = 60_000
/** In-band only for what is left of a file, if it is no more than this, bytes. */
const mostInBandBytes = 2 ** 20
/** Devices of which it is remembered how they were reached. */
const mostDevices = 1_000

export interface PathSettings {
  path: PathPolicy
  /** By bare JID. */
  paths: ReadonlyMap<string, PathPolicy>
}

/** What is to be gathered for. */
export interface Gathered {
  /** Bare JID. */
  peer: string
  /** The peer's device, 64 hex. */
  device: string
  policy: PathPolicy
  /** Whether a port may be opened. */
  listens: boolean
  /** Bytes of the file that are still to come, as far as is known. */
  left: number
  /** Ends when it is known which path it is, or that there is none. */
  signal: AbortSignal
}

export class Paths {
  readonly #proxies: Remembered<StreamProxy[]>
  readonly #services: Remembered<Services>
  readonly #inBand: InBand
  readonly #expense = new Expense()
  readonly #health = new Health()
  /** The path that worked last, by device; in memory only. */
  readonly #lately = new Map<string, PathKind>()
  /** Proxies that would not join two for us; not offered again in this session. */
  readonly #refusing = new Set<string>()
  readonly #stopped = new AbortController()
  #server: string | undefined

  constructor(
    readonly entity: XmppEntity,
    readonly settings: PathSettings,
    /** One for the plugin; undefined where routers are not to be asked. */
    readonly mapper: LookingMapper | undefined,
    /** What was chosen for single people, for good. */
    readonly chosen?: { all(): ReadonlyMap<string, PathPolicy> },
  ) {
    this.#inBand = new InBand(entity)
    const { signal } = this.#stopped
    this.#proxies = new Remembered(async () => {
      const value = await findProxies(entity, this.#server!, signal)
      return { value, isUseful: value.length > 0 }
    })
    this.#services = new Remembered(async () => {
      const value = await findServices(entity, this.#server!, signal)
      return { value, isUseful: value.turn.length > 0 || value.stun.length > 0 }
    }, areGood)
    entity.on('connect', this.#lookAround)
  }

  /** We have a session: what the server gives is asked for, so that it is known when it is needed. */
  loggedIn(): void {
    const server = this.entity.jid?.domain
    if (server === undefined) return
    this.#serverIs(server)
    if (this.settings.path !== 'direct') this.#proxies.refresh()
    this.#services.refresh()
    this.#lookAround()
  }

  /** What the router speaks takes a second or three to find out, and no attempt waits for all of that: it is begun early. */
  readonly #lookAround = (): void => {
    if (this.settings.path !== 'relay') void this.mapper?.look()
  }

  /** Which paths a transfer with this peer may take. */
  policyFor(peer: string, chosen: PathPolicy | undefined): PathPolicy {
    const { path, paths } = this.settings
    return chosen ?? this.chosen?.all().get(peer) ?? paths.get(peer) ?? path
  }

  /** What an attempt may use. Waits no longer than it must; never rejects. */
  async gather({ peer, device, policy, listens, left, signal }: Gathered): Promise<Gathering> {
    const { entity, mapper } = this
    if (!this.#expense.allow(device)) return {}
    const own = entity.status === 'online' ? entity.jid : null
    if (own === null) return listens && policy !== 'relay' && mapper ? { mapper } : {}
    this.#serverIs(own.domain)
    const mayRelay = policy !== 'direct'
    const [services, proxies] = await Promise.all([
      this.#services.get(patienceMs),
      mayRelay ? this.#proxies.get(patienceMs) : undefined,
    ])
    const gathering: Gathering = {}
    if (policy !== 'relay') {
      if (listens && mapper !== undefined) gathering.mapper = mapper
      const stun = services?.stun.flatMap(({ ips, port }) => ips.map((ip) => this.#health.of({ ip, port })))
      if (stun !== undefined && stun.length > 0) gathering.stun = this.#health.inOrder(stun)
    }
    if (!mayRelay) return gathering
    const turn = services?.turn.flatMap((one) => turnServers(one).map((server) => this.#health.of(server)))
    if (turn !== undefined && turn.length > 0) gathering.turn = this.#health.inOrder(turn)
    const jid = own.toString()
    const offers = proxies?.flatMap((proxy) =>
      this.#refusing.has(proxy.jid)
        ? []
        : proxyOffers(entity, proxy, jid, signal, () => this.#refusing.add(proxy.jid)),
    )
    if (offers !== undefined && offers.length > 0) gathering.proxies = offers
    const inband = left <= mostInBandBytes ? this.#inBand.offer(peer, signal) : undefined
    if (inband !== undefined) gathering.inband = inband
    return gathering
  }

  /** How the device was reached last, if that is known. */
  lately(device: string): PathKind | undefined {
    return this.#lately.get(device)
  }

  /** A link with this device was made by this path. */
  worked(device: string, kind: PathKind): void {
    this.#expense.proven(device)
    this.#lately.delete(device)
    this.#lately.set(device, kind)
    if (this.#lately.size > mostDevices) this.#lately.delete(this.#lately.keys().next().value!)
  }

  /** The network is another one: nothing is as it was. */
  networkChanged(): void {
    this.#lately.clear()
    this.#refusing.clear()
    this.#health.clear()
    this.#proxies.doubt()
    this.#services.doubt()
  }

  /** Lets go of everything: mapped ports, streams, questions. */
  async stop(): Promise<void> {
    this.#stopped.abort()
    this.entity.off('connect', this.#lookAround)
    this.#inBand.end()
    await this.mapper?.close()
  }

  #serverIs(server: string): void {
    if (server === this.#server) return
    this.#server = server
    this.#proxies.forget()
    this.#services.forget()
    this.#refusing.clear()
  }
}

function areGood({ turn }: Services, ageMs: number): boolean {
  if (ageMs < surelyGoodMs) return true
  return turn.every(({ expires }) => expires === undefined || expires - Date.now() > leastTermMs)
}

function turnServers({ ips, port, username, password }: Services['turn'][number]): TurnServer[] {
  return ips.map((ip) => ({ ip, port, username, password }))
}
