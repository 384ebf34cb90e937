/**
 * The one mapper of ports of a program: finds out what the router speaks, remembers it for the network, keeps mappings alive
 * and takes them back.
 *
 * Rules: nobody waits longer than `patienceMs`, whatever the router does; where no router maps there is silence for some
 * minutes, until the network is another; an outer address that nobody can reach from outside (two routers in a row) is no
 * mapping; whoever gives up waiting leaves nothing mapped; nothing here keeps the process alive.
 */

import { portAllowed } from '../../protocol/ports.js'
import type { MappedPort, PortMapper } from '../gathering.js'
import { routersOf } from './finding.js'
import { currentNetwork, type Network } from './gateway.js'
import { isPublic } from './public.js'
import type { Mapping, MappingProtocol, MappingRouter } from './router.js'

export interface MapperOptions {
  /** Also take an outer address that is private or reserved: for a network that is a test. */
  anyAddress?: boolean
  /** Milliseconds that a router has to answer whether it maps at all. */
  findMs?: number
  /** Milliseconds that `map` takes at most. */
  patienceMs?: number
  /** Milliseconds for which a network where nothing maps is not asked again. */
  quietMs?: number
  /** Hears what happens, without addresses; for a log. */
  onEvent?: (event: MapperEvent) => void
}

export type MapperEvent =
  | { kind: 'mapped' | 'released'; protocol: MappingProtocol }
  | { kind: 'failed'; protocol: MappingProtocol; reason: string }
  | { kind: 'none'; reason: 'no-gateway' | 'no-answer' | 'not-public' }

/** A UPnP router may take a second before it answers, and is asked again after a lost packet. */
const findMsByDefault = 3_500
const patienceMsByDefault = 4_000
const quietMsByDefault = 5 * 60_000
/** A router that has said nothing for so long is nearly always none, and no attempt waits for it, ms. */
const likelyMs = 700
const closeMs = 2_500
const shortestRenewMs = 30_000
const longestRenewMs = 15 * 60_000

export interface LookingMapper extends PortMapper {
  /**
   * Finds out what the router speaks, where that is not known yet: called beforehand, so that the first port need not
   * wait for it. Nothing is mapped. Gives undefined where no router answers; never rejects.
   */
  look(): Promise<MappingProtocol | undefined>
}

/** Nothing is sent before the first port is asked for, or `look` is called. */
export function createPortMapper(options: MapperOptions = {}): LookingMapper {
  return new Mapper(options)
}

interface Held {
  router: MappingRouter
  mapping: Mapping
  timer: NodeJS.Timeout | undefined
}

class Mapper implements LookingMapper {
  /** What is known of the network that we were in last. */
  private known: { network: Network; router: MappingRouter | undefined; untilMs: number } | undefined
  private readonly held = new Set<Held>()
  private readonly releasing = new Set<Promise<void>>()
  private readonly finding = new AbortController()
  private turn: Promise<unknown> = Promise.resolve()
  /** Since when it is being found out what the router speaks; undefined while that is not so. */
  private lookingSince: number | undefined

  constructor(private readonly options: MapperOptions) {}

  map(port: number, signal?: AbortSignal): Promise<MappedPort | undefined> {
    if (this.finding.signal.aborted || signal?.aborted === true) return Promise.resolve(undefined)
    // One after the other: the first finds out for all who come meanwhile.
    const find = () => (signal?.aborted === true ? undefined : this.find(port))
    const mapped = this.turn.then(find).catch(() => undefined)
    this.turn = mapped
    return new Promise((resolve) => {
      let gone = false
      const give = (found: MappedPort | undefined): void => {
        clearTimeout(impatience)
        signal?.removeEventListener('abort', giveUp)
        if (gone) found?.release()
        gone = true
        resolve(found)
      }
      const giveUp = (): void => give(undefined)
      const impatience = setTimeout(giveUp, this.options.patienceMs ?? patienceMsByDefault)
      signal?.addEventListener('abort', giveUp)
      mapped.then(give)
    })
  }

  worthMs(): number {
    const { lookingSince } = this
    if (lookingSince === undefined) return Number.POSITIVE_INFINITY
    return Math.max(0, lookingSince + likelyMs - performance.now())
  }

  look(): Promise<MappingProtocol | undefined> {
    const looked = this.turn.then(async () => {
      const network = await currentNetwork()
      if (network === undefined || this.finding.signal.aborted) return undefined
      if (this.isKnown(network)) return this.known?.router?.protocol
      if (isPublic(network.own)) return this.nothingThere(network)
      for await (const router of this.routersOf(network)) {
        this.known = { network, router, untilMs: 0 }
        return router.protocol
      }
      this.nothingThere(network)
      return undefined
    })
    this.turn = looked.catch(() => {})
    return looked.catch(() => undefined)
  }

  async close(): Promise<void> {
    this.finding.abort()
    for (const one of [...this.held]) this.release(one)
    const all = this.turn.then(() => Promise.all(this.releasing))
    await Promise.race([all, after(closeMs)])
  }

  private async find(port: number): Promise<MappedPort | undefined> {
    const network = await currentNetwork()
    if (network === undefined) return this.none('no-gateway')
    if (this.isKnown(network)) {
      const router = this.known?.router
      if (router === undefined) return undefined
      const again = await this.mapBy(router, port)
      if (again !== undefined) return again
    } else if (isPublic(network.own)) {
      // No router translates that address.
      this.nothingThere(network)
      return undefined
    }
    return await this.findRouter(network, port)
  }

  /** Whether it is known what there is in this network: a router, or for some time nothing. */
  private isKnown({ gateway, own }: Network): boolean {
    const { known } = this
    if (known?.network.gateway !== gateway || known.network.own !== own) return false
    return known.router !== undefined || performance.now() < known.untilMs
  }

  private async *routersOf(network: Network): AsyncGenerator<MappingRouter> {
    this.lookingSince = performance.now()
    try {
      yield* routersOf(network, this.options.findMs ?? findMsByDefault, this.finding.signal)
    } finally {
      this.lookingSince = undefined
    }
  }

  private nothingThere(network: Network): undefined {
    const untilMs = performance.now() + (this.options.quietMs ?? quietMsByDefault)
    this.known = { network, router: undefined, untilMs }
    return undefined
  }

  private async findRouter(network: Network, port: number): Promise<MappedPort | undefined> {
    let reason: 'no-answer' | 'not-public' = 'no-answer'
    for await (const router of this.routersOf(network)) {
      const mapped = await this.mapBy(router, port, () => {
        reason = 'not-public'
      })
      if (mapped === undefined) continue
      this.known = { network, router, untilMs: 0 }
      return mapped
    }
    this.nothingThere(network)
    return this.none(reason)
  }

  private async mapBy(
    router: MappingRouter,
    port: number,
    onPrivate = (): void => {},
  ): Promise<MappedPort | undefined> {
    const { protocol } = router
    try {
      const mapping = await router.map(port, undefined)
      const held: Held = { router, mapping, timer: undefined }
      this.held.add(held)
      const isReachable = isPublic(mapping.ip) || this.options.anyAddress === true
      if (!isReachable) onPrivate()
      if (!isReachable || !portAllowed(mapping.port) || this.finding.signal.aborted) {
        this.release(held)
        return undefined
      }
      this.renewLater(held)
      this.options.onEvent?.({ kind: 'mapped', protocol })
      return { ip: mapping.ip, port: mapping.port, release: () => this.release(held) }
    } catch (error) {
      this.options.onEvent?.({ kind: 'failed', protocol, reason: (error as Error).message })
      return undefined
    }
  }

  /** At half of its life, but never so often that a router's number makes us a nuisance. */
  private renewLater(held: Held): void {
    const { lifetimeS } = held.mapping
    const ms = lifetimeS === 0 ? longestRenewMs : lifetimeS * 500
    this.renewIn(held, Math.min(Math.max(ms, shortestRenewMs), longestRenewMs))
  }

  private renewIn(held: Held, ms: number): void {
    held.timer = setTimeout(() => {
      held.router.map(held.mapping.inner, held.mapping).then(
        (mapping) => {
          held.mapping = mapping
          if (this.held.has(held)) this.renewLater(held)
          // It was released while the router was asked, and the two may have met.
          else held.router.unmap(mapping).catch(() => {})
        },
        () => this.held.has(held) && this.renewIn(held, shortestRenewMs),
      )
    }, ms)
    held.timer.unref()
  }

  private release(held: Held): void {
    if (!this.held.delete(held)) return
    clearTimeout(held.timer)
    const { protocol } = held.router
    const released = held.router.unmap(held.mapping).then(
      () => this.options.onEvent?.({ kind: 'released', protocol }),
      (error: Error) => this.options.onEvent?.({ kind: 'failed', protocol, reason: error.message }),
    )
    this.releasing.add(released)
    released.then(() => this.releasing.delete(released))
  }

  private none(reason: 'no-gateway' | 'no-answer' | 'not-public'): undefined {
    this.options.onEvent?.({ kind: 'none', reason })
    return undefined
  }
}

function after(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms).unref()
  })
}
