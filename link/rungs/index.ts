/** Which rungs an attempt has, by what its side allows and can use, in order of cost. */

import { isIP } from 'node:net'
import type { AttemptOptions } from '../attempt-options.js'
import { Inband } from './inband.js'
import { Proxies } from './proxy.js'
import { Punch } from './punch.js'
import { punchPortOfIPv4, punchPortOfIPv6 } from './punch-port.js'
import type { Ground, Rung } from './rung.js'
import { Straight } from './straight.js'
import { Turn } from './turn.js'

export interface Rungs {
  /** In order of cost. */
  all: readonly Rung[]
  straight: readonly Rung[]
  relay: readonly Rung[]
  inband: readonly Rung[]
  /** The one that dials addresses; undefined where that is not allowed. */
  dials: Straight | undefined
}

export function openRungs(options: AttemptOptions, ground: Ground): Rungs {
  const { policy = 'any', gather = {}, listen = {}, dialDelayMs } = options
  const isStraight = policy !== 'relay'
  const mayRelay = policy !== 'direct'
  // Who shows no address of its own contacts no host that the other side names, but those of its own server.
  const own = [...(gather.proxies ?? []), ...(gather.turn ?? [])].map(({ ip }) => ip)
  const mayReach = (ip: string): boolean => isIP(ip) !== 0 && (isStraight || own.includes(ip))
  const dials = isStraight ? new Straight(ground, { listen, gather, dialDelayMs }) : undefined
  const punches = [new Punch(ground, punchPortOfIPv4(gather.stun ?? []))]
  // Who is to be found at one address only does not dial from another.
  if (options.gather !== undefined && (listen === false || listen.host === undefined))
    punches.push(new Punch(ground, punchPortOfIPv6))
  const straight = dials === undefined ? [] : [dials, ...punches]
  const relay = mayRelay
    ? [
        new Proxies(ground, gather.proxies ?? [], mayReach),
        new Turn(ground, gather.turn ?? [], (ip) => isStraight && mayReach(ip)),
      ]
    : []
  const inband = mayRelay ? [new Inband(ground, gather.inband)] : []
  return { all: [...straight, ...relay, ...inband], straight, relay, inband, dials }
}
