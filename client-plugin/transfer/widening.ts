/**
 * The receiving side's look at how fast a link is, and its wish for more sockets where they may help: the rule of
 * protocol/sockets.ts with its clock.
 */

import type { Link, SocketsWanted } from '../../link/index.js'
import { lookMs, looks, mayHaveMore, moreSockets } from '../../protocol/sockets.js'

/** For trials: how soon more sockets are asked for, ms. */
const soonMs = 10

export interface Widening {
  wanted: SocketsWanted
  /** Of the file, still to come. */
  bytesLeft: () => number
  /** Transfers that come in now, this one included: they share the sockets that one may have. */
  transfers: () => number
}

/**
 * Looks at a link while bytes come over it. Nothing is looked at where no more sockets may be had: on this machine, on short
 * paths, through relays.
 * @returns ends it
 */
export function widenWhereSlow(link: Link, { wanted, bytesLeft, transfers }: Widening): () => void {
  const { most, anywhere } = wanted
  const { isLoopback, roundTripMs } = link
  const { kind } = link.path
  const isTrial = anywhere === true
  if (most <= 1 || !(isTrial || mayHaveMore({ kind, isLoopback, roundTripMs }))) return () => {}
  const rates: number[] = []
  let bytes = link.bytesMoved
  let at = performance.now()
  const look = (): void => {
    const now = performance.now()
    rates.push(((link.bytesMoved - bytes) * 1000) / (now - at))
    if (rates.length > looks) rates.shift()
    bytes = link.bytesMoved
    at = now
    const share = Math.floor(most / Math.max(1, transfers()))
    const situation = { kind, isLoopback, roundTripMs, rates, bytesLeft: bytesLeft(), most: share }
    const more = isTrial ? most - 1 : moreSockets(situation)
    if (more > 0 && link.widen(more)) clearInterval(timer)
  }
  const timer = setInterval(look, isTrial ? soonMs : lookMs)
  return () => clearInterval(timer)
}
