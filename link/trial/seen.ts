/** Under which address this machine is seen from outside, and what its router does with ports (RFC 8489, over TCP). */

import { isIPv4 } from 'node:net'
import { networkInterfaces } from 'node:os'
import type { StunServer } from '../gathering.js'
import { outerAddress } from '../stun/index.js'
import { type Trial, within } from './trial.js'

export interface SeenFromOutside {
  outer: { ip: string; port: number }
  /** Whether the outer address is one of this machine: there is no router that translates. */
  isOwn: boolean
  /** Whether the router keeps the number of the port. */
  keepsPort: boolean
  /** Whether another server sees the same port as the same address; undefined where there is no other. */
  sameForAll: boolean | undefined
}

/** @param servers the first is asked, and the second about the same port @throws TrialFailed */
export function seenFromOutside(servers: readonly StunServer[], trial: Trial): Promise<SeenFromOutside> {
  // Routers translate IPv4; and one port is asked about in one family.
  const four = servers.filter(({ ip }) => isIPv4(ip))
  const [server, another] = four.length > 0 ? four : servers
  return within(trial, async (signal, closing) => {
    const first = await outerAddress(server!, { keep: true, timeoutMs: trial.timeoutMs, signal })
    closing(() => first.socket?.destroy())
    const { localPort, localAddress } = first
    const second =
      another === undefined
        ? undefined
        : await outerAddress(another, {
            localPort,
            localAddress,
            timeoutMs: trial.timeoutMs / 2,
            signal,
          }).catch(() => undefined)
    const own = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? [])
    return {
      outer: { ip: first.ip, port: first.port },
      isOwn: own.some(({ address }) => address === first.ip),
      keepsPort: first.port === localPort,
      sameForAll: second && second.ip === first.ip && second.port === first.port,
    }
  })
}
