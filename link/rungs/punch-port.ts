/**
 * A port to dial from that never listens, with its address as it is seen from outside. Of IPv4, a STUN server tells it, over
 * a connection that is kept so that the router keeps it in mind. Of IPv6 it is our own address, as there is nothing that
 * rewrites it; only a firewall may be in between, and that is what dialling at once is for.
 */

import { randomInt } from 'node:crypto'
import { isIPv4 } from 'node:net'
import { portAllowed } from '../../protocol/ports.js'
import type { LocalEnd } from '../connection.js'
import type { StunServer } from '../gathering.js'
import { ownGlobalAddress } from '../listening.js'
import { type OuterAddress, outerAddress, StunFailed } from '../stun/index.js'
import { askInTurn } from './in-turn.js'
import { gatherMs, within } from './rung.js'

export interface PunchPort extends LocalEnd {
  /** As it is seen from outside. */
  ip: string
  port: number
  release(): void
}

/** Finds a port; gives why there is none, or undefined where there is nothing to say about it. */
export type FindPunchPort = (signal: AbortSignal) => Promise<PunchPort | string | undefined>

/** The first port that the system gives to nobody who asks for a certain one (RFC 6335, section 6). */
const firstDynamicPort = 49_152

/** @param servers of which those of IPv4 are asked */
export function punchPortOfIPv4(servers: readonly StunServer[]): FindPunchPort {
  return async (signal) => {
    const ofIPv4 = servers.filter(({ ip }) => isIPv4(ip))
    if (ofIPv4.length === 0) return undefined
    let why = 'no answer of the STUN server in time'
    const letGo = (late: OuterAddress | undefined) => void late?.socket?.destroy()
    const ask = (server: StunServer) => outerAddress(server, { keep: true, timeoutMs: gatherMs, signal })
    const asked = askInTurn(ofIPv4, ask, letGo, signal).catch((error: unknown) => {
      if (error instanceof StunFailed && error.code === 'closed') why = 'the STUN server cannot be reached'
      return undefined
    })
    const outer = await within(asked, gatherMs, letGo)
    if (outer === undefined) return why
    const { ip, port, localAddress, localPort, socket } = outer
    return { ip, port, localAddress, localPort, release: () => void socket?.destroy() }
  }
}

/** Nothing is opened for it, and nobody is asked. */
export const punchPortOfIPv6: FindPunchPort = async () => {
  const ip = ownGlobalAddress()
  if (ip === undefined) return undefined
  let port = randomInt(firstDynamicPort, 65_536)
  while (!portAllowed(port)) port = randomInt(firstDynamicPort, 65_536)
  return { ip, port, localAddress: ip, localPort: port, release: () => {} }
}
