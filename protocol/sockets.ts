/**
 * When a transfer is given more sockets than one (docs/protocol.md, "Several sockets"). Pure: the clock and the sockets are
 * the caller's.
 *
 * One TCP stream is slow where the way is long and packets are lost, or where a system allows it too small a buffer; nowhere
 * else do more of them help, and each takes a share of the line from other people. So they are asked for only on a straight
 * path with a long round trip, of a transfer that is slow and will still be slow for a while.
 */

import type { PathKind } from './paths.js'

/** The most sockets of one transfer, the first included. */
export const maxSockets = 4

/** A round trip from which on a path is long, ms: no network of one house has it. */
const longRoundTripMs = 10

/** Bytes a second: who gets as many by one socket needs no other. */
const enoughRate = 60e6

/** So many rates are looked at, each of {@link lookMs}. */
export const looks = 3
/** ms for one of the rates. */
export const lookMs = 500

/** Seconds that a transfer must have left at its rate, for more sockets to be worth their handshakes. */
const worthSeconds = 3

export interface SocketsSituation {
  kind: PathKind
  /** Whether both ends are one machine. */
  isLoopback: boolean
  /** ms, as the handshake took them; undefined where that is not known. */
  roundTripMs: number | undefined
  /** Bytes a second that came in the last looks, the newest last. */
  rates: readonly number[]
  /** Bytes of the file that are still to come. */
  bytesLeft: number
  /** The most sockets that this side wants to have. */
  most: number
}

/** Whether a path can have more than one socket at all: what was dialled once can be dialled again. */
export function mayHaveMore({
  kind,
  isLoopback,
  roundTripMs,
}: Omit<SocketsSituation, 'rates' | 'bytesLeft' | 'most'>) {
  const wasDialled = kind === 'direct' || kind === 'mapped'
  return wasDialled && !isLoopback && roundTripMs !== undefined && roundTripMs >= longRoundTripMs
}

/** How many more sockets the receiving side of a transfer that has one asks for; 0: none now. */
export function moreSockets(situation: SocketsSituation): number {
  const { rates, bytesLeft, most } = situation
  const more = Math.min(most, maxSockets) - 1
  if (more <= 0 || !mayHaveMore(situation) || rates.length < looks) return 0
  const lately = rates.slice(-looks)
  // Where nothing comes the path is not what is slow.
  if (lately.some((rate) => rate <= 0 || rate >= enoughRate)) return 0
  return bytesLeft >= worthSeconds * Math.max(...lately) ? more : 0
}
