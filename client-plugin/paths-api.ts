/** The public shape of paths: types only. Which way a link goes, and which ways it may. */

import type { PathPolicy } from '../link/index.js'

export type { PathPolicy } from '../link/index.js'

/**
 * Which way the link took: straight to an address (`direct`), to a port mapped at a router (`mapped`), by both sides
 * dialling at once through their routers (`punch`), through a SOCKS5 proxy of a server (`proxy`) or a TURN server
 * (`turn`), or inside XMPP (`inband`).
 */
export interface PathTaken {
  kind: 'direct' | 'mapped' | 'punch' | 'proxy' | 'turn' | 'inband'
  /** True when this side dialled. */
  dialled: boolean
  /** Of the address that was dialled; undefined inside XMPP. */
  family: 4 | 6 | undefined
  /** Why cheaper paths did not win, in order; no address is ever in it. */
  why: readonly string[]
  /** How many sockets carry it, where it came to be more than one. */
  sockets?: number
}

/** The paths chosen for single people, for good: kept in the state folder. They go before the option `paths`. */
export interface ChosenPaths {
  /** By bare JID. */
  all(): ReadonlyMap<string, PathPolicy>
  /** `undefined` leaves it to the options. @throws FileTransferError `bad-peer`, `bad-option`, `quota` */
  choose(peer: string, policy: PathPolicy | undefined): void
}
