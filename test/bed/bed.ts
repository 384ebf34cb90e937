/**
 * The bed: two homes, each behind a router, and a server, joined by a WAN, all of it in network namespaces.
 *
 *   lanA — routerA — wan — routerB — lanB
 *                     |
 *                  server
 *
 * Addresses of the WAN look public, as routers and we ourselves want it; none of it leaves the namespaces. Both homes
 * have the same private network, as most have, unless their router translates nothing.
 */
import { startMiniupnpd } from './miniupnpd.js'
import { Namespace } from './namespace.js'
import { becomeRouter, type RouterKind } from './router.js'
import { startWeather, type Weather } from './weather.js'

export type Home = 'A' | 'B'

export interface HomePlan {
  router: RouterKind
  /** Whether the router maps ports when asked: UPnP-IGD, NAT-PMP and PCP. */
  upnp?: boolean
  /** Whether there is IPv6 in this home. */
  ipv6?: boolean
}

export interface BedPlan {
  A: HomePlan
  B: HomePlan
  weather?: Weather
  /** How TCP reacts to loss, everywhere: `cubic` unless said, as most machines have it. */
  congestion?: 'cubic' | 'bbr'
}

/** Where everything is. */
const places = {
  A: { wan: '25.0.1', open: '25.1.1', host: 10, six: '2001:db8:1', lanSix: '2001:db8:a' },
  B: { wan: '25.0.2', open: '25.1.2', host: 20, six: '2001:db8:2', lanSix: '2001:db8:b' },
} as const
const privateNet = '192.168.1'

/** The server's addresses. */
export const server = { ip: '25.0.3.2', other: '25.0.3.3', six: '2001:db8:3::2' }

export class Bed {
  readonly #all: Namespace[] = []
  wan!: Namespace
  server!: Namespace
  readonly routers = {} as Record<Home, Namespace>
  readonly lans = {} as Record<Home, Namespace>
  /** Homes that are where they move to, and not where they were at first. */
  readonly #moved = new Set<Home>()

  private constructor(readonly plan: BedPlan) {}

  static async make(plan: BedPlan): Promise<Bed> {
    const bed = new Bed(plan)
    try {
      await bed.#build()
      return bed
    } catch (error) {
      await bed.close()
      throw error
    }
  }

  /** The address of a home's host, as it sees it itself. */
  lanIp(home: Home): string {
    return `${this.#lanNet(home)}.${places[home].host}`
  }

  /** The address of a home's host in IPv6, where it has one. */
  lanSix(home: Home): string {
    return `${places[home].lanSix}::${places[home].host}`
  }

  /** The address of a home's router in the WAN. */
  wanIp(home: Home): string {
    return `${places[home].wan}.2`
  }

  /** The router of a home that translates addresses becomes one of another kind that does; what is open stays as it is. */
  become(home: Home, kind: Exclude<RouterKind, 'open'>): void {
    this.routers[home].nft('flush ruleset')
    becomeRouter(this.routers[home], kind, false)
  }

  /** From now on no packet passes between a home and the WAN, in either direction, and nobody is told. */
  silence(home: Home): void {
    const port = home.toLowerCase()
    this.wan.nft(`table inet cut${port} {
      chain forward {
        type filter hook forward priority -10
        iifname ${port} drop
        oifname ${port} drop
      }
    }`)
  }

  /** Ends the silence. */
  speak(home: Home): void {
    this.wan.nft(`delete table inet cut${home.toLowerCase()}`)
  }

  /**
   * The home gets another address in the WAN, as by another line or a new lease: its router, or where that translates
   * nothing, its host; the next time it moves back. What was open from the old address is cut and nobody is told.
   */
  move(home: Home): void {
    const isOpen = this.plan[home].router === 'open'
    const [where, device] = isOpen ? [this.lans[home], 'lan'] : [this.routers[home], 'wan']
    const net = isOpen ? this.#lanNet(home) : places[home].wan
    const both = isOpen ? [places[home].host, places[home].host + 1] : [2, 7]
    const [old, next] = this.#moved.has(home) ? both.reverse() : both
    if (!this.#moved.delete(home)) this.#moved.add(home)
    where.ip([
      `addr del ${net}.${old}/24 dev ${device}`,
      `addr add ${net}.${next}/24 dev ${device}`,
      `route replace default via ${net}.1 ${this.#congestion}`,
    ])
  }

  async close(): Promise<void> {
    await Promise.all(this.#all.splice(0).map((one) => one.close()))
  }

  /** Said of routes, since a namespace may not choose for itself. */
  get #congestion(): string {
    return `congctl ${this.plan.congestion ?? 'cubic'}`
  }

  #lanNet(home: Home): string {
    return this.plan[home].router === 'open' ? places[home].open : privateNet
  }

  async #build(): Promise<void> {
    const make = async (name: string) => {
      const made = await Namespace.make(name)
      this.#all.push(made)
      // No waiting for duplicate addresses, no answers that go another way than they came.
      made.sysctl('net.ipv6.conf.default.accept_dad=0', 'net.ipv6.conf.default.accept_ra=0')
      return made
    }
    this.wan = await make('wan')
    this.server = await make('server')
    for (const home of ['A', 'B'] as const) {
      this.routers[home] = await make(`router ${home}`)
      this.lans[home] = await make(`lan ${home}`)
    }
    this.wan.sysctl('net.ipv4.ip_forward=1', 'net.ipv6.conf.all.forwarding=1')
    this.wan.ip([
      `link add name s type veth peer name wan netns ${this.server.pid}`,
      'addr add 25.0.3.1/24 dev s',
      'addr add 2001:db8:3::1/64 dev s nodad',
      'link set dev s up',
    ])
    this.server.ip([
      `addr add ${server.ip}/24 dev wan`,
      `addr add ${server.other}/24 dev wan`,
      `addr add ${server.six}/64 dev wan nodad`,
      'link set wan up',
      `route add default via 25.0.3.1 ${this.#congestion}`,
      `route add ::/0 via 2001:db8:3::1 ${this.#congestion}`,
    ])
    for (const home of ['A', 'B'] as const) {
      this.#buildHome(home)
      if (this.plan[home].upnp === true)
        await startMiniupnpd(this.routers[home], `${this.#lanNet(home)}.0/24`)
    }
    if (this.plan.weather !== undefined) await startWeather(this.wan, ['a', 'b', 's'], this.plan.weather)
  }

  #buildHome(home: Home): void {
    const { wan, six, lanSix, host } = places[home]
    const { router: kind, upnp = false, ipv6 = false } = this.plan[home]
    const [router, lan] = [this.routers[home], this.lans[home]]
    const net = this.#lanNet(home)
    const port = home.toLowerCase()
    const onlySix = (lines: string[]) => (ipv6 ? lines : [])
    if (!ipv6) for (const one of [router, lan]) one.sysctl('net.ipv6.conf.default.disable_ipv6=1')
    this.wan.ip([
      `link add name ${port} type veth peer name wan netns ${router.pid}`,
      `addr add ${wan}.1/24 dev ${port}`,
      `link set dev ${port} up`,
      ...(kind === 'open' ? [`route add ${net}.0/24 via ${wan}.2`] : []),
      ...onlySix([`addr add ${six}::1/64 dev ${port} nodad`, `route add ${lanSix}::/64 via ${six}::2`]),
    ])
    router.ip([
      `link add name lan type veth peer name lan netns ${lan.pid}`,
      `addr add ${wan}.2/24 dev wan`,
      `addr add ${net}.1/24 dev lan`,
      'link set wan up',
      'link set lan up',
      `route add default via ${wan}.1`,
      ...onlySix([
        `addr add ${six}::2/64 dev wan nodad`,
        `addr add ${lanSix}::1/64 dev lan nodad`,
        `route add ::/0 via ${six}::1`,
      ]),
    ])
    lan.ip([
      `addr add ${net}.${host}/24 dev lan`,
      'link set lan up',
      `route add default via ${net}.1 ${this.#congestion}`,
      ...onlySix([
        `addr add ${lanSix}::${host}/64 dev lan nodad`,
        `route add ::/0 via ${lanSix}::1 ${this.#congestion}`,
      ]),
    ])
    becomeRouter(router, kind, upnp)
  }
}
