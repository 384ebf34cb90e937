/** What an attempt to get a link is given, and what it gives. */

import type { Candidate } from '../protocol/candidates.js'
import type { PathKind } from '../protocol/paths.js'
import type { Side } from './connection.js'
import type { Gathering } from './gathering.js'
import type { DeviceId, DeviceIdentity } from './identity.js'
import type { Link } from './link.js'
import type { ListenOptions } from './listening.js'

export interface AttemptOptions {
  /** `sending`: this side has the file. */
  side: Side
  identity: DeviceIdentity
  /** The device that the other side must prove to be. */
  peerDevice: DeviceId
  /** 32 bytes, for this attempt only. The receiving side has it from the start, the sending side may be told later. */
  token?: Uint8Array
  /** `false`: never open a port. */
  listen?: false | ListenOptions
  /**
   * `direct`: no relay is announced or used. `relay`: no own address is sent and no socket to the peer is opened. By
   * default `any`.
   */
  policy?: PathPolicy
  /** What this side can use besides its own addresses. */
  gather?: Gathering
  /** The path that worked last with this device: a relay that did is not waited with for long. */
  lately?: PathKind
  /** Also dial and announce loopback addresses: for tests and the demo. */
  allowLoopback?: boolean
  /** Milliseconds for the whole attempt. */
  deadlineMs?: number
  /** Milliseconds for one connection, from its first packet to the end of its greeting. */
  authenticateMs?: number
  /**
   * Milliseconds before the first dial: by default none, but 150 where the other side has been heard to dial already.
   */
  dialDelayMs?: number
  /** Milliseconds without a byte after which the link counts as lost. */
  idleMs?: number
  /** How many sockets the link may come to have. By default one. */
  sockets?: SocketsWanted
  signal?: AbortSignal
}

/** How many sockets a link may come to have, where its path is straight and long. */
export interface SocketsWanted {
  most: number
  /** For trials: also where the path is short, on loopback too. */
  anywhere?: boolean
}

/** Which paths a side allows. */
export type PathPolicy = 'any' | 'direct' | 'relay'

export interface LinkAttempt {
  /**
   * Opens the port and asks for what else there is, at the first call, and gives what to announce; none when it cannot or
   * may not be reached. It takes less than a second where there is something to ask, else no time.
   */
  candidates(): Promise<Candidate[]>
  /** Sending side: the token that the other side will say. Connections that said one already are judged now. */
  setToken(token: Uint8Array): void
  /**
   * Dials what the other side announced; none (`[]`) when it said that it cannot be reached. Kinds beyond their limits and
   * those the rule refuses are left out.
   */
  dial(candidates: readonly Candidate[]): void
  /** Settles once: the link, or LinkFailed. It belongs to the caller, and `close` does not touch it. */
  readonly link: Promise<Link>
  /** What went wrong on each path so far. */
  readonly reasons: readonly string[]
  /** Gives up, unless there is a link already. Nothing stays open. */
  close(): void
}
