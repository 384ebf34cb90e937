/**
 * What the kinds of paths have in common. Each rung gathers what this side announces, is told what the other side
 * announced, begins when the attempt says so, and hands every connection that stands to the attempt, which alone decides
 * which of them is the link. A rung never rejects and never waits for another: what fails is noted.
 */

import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { AddressRule } from '../../protocol/addresses.js'
import type { Candidate } from '../../protocol/candidates.js'
import type { PathKind } from '../../protocol/paths.js'
import { afterAwake } from '../awake.js'
import type { Connection, ConnectionKind, ConnectionOptionsOfAttempt, Side } from '../connection.js'

/** What an attempt gives its rungs. */
export interface Ground {
  readonly side: Side
  readonly rule: AddressRule
  /** Aborted when the attempt is over, whatever became of it. */
  readonly signal: AbortSignal
  /** Keeps why something came to nothing; the reason holds no address. */
  note(kind: PathKind, reason: string): void
  /** Adds a connection; `failed` hears when it came to nothing, after it was noted. */
  open(make: (options: ConnectionOptionsOfAttempt) => Connection, failed?: () => void): void
  /** Adds one that came in; where there are too many of those, one makes room. */
  admit(raw: Duplex, kind: ConnectionKind): void
  /** Something has changed: what may be begun, taken or given up is to be looked at again. */
  look(): void
}

export interface Rung {
  readonly kind: PathKind
  /** What to announce for it; never rejects, and takes no longer than {@link gatherMs} or so. */
  gather(): Promise<Candidate[]>
  /** What the other side announced, and what of ours was: once. */
  hear(theirs: readonly Candidate[], ours: readonly Candidate[]): void
  /** Makes its connections, from what was heard: once. */
  begin(): void
  /** Whether something may yet come of it. */
  readonly isLeft: boolean
  /** Whether anybody was contacted for it. */
  readonly hasTried: boolean
  /** Why nothing has come of what has not failed; undefined where there is nothing to say. */
  unfinished(): string | undefined
  /** Lets go of everything, but for what the link needs: it is over this socket, if there is one. */
  close(link?: { connection: Connection; socket: Socket }): void
}

/** Milliseconds for finding out how this side can be reached: what takes longer is left out of the attempt. */
export const gatherMs = 700

/** What a promise gives within so many ms; undefined if it does not, or rejects. `late` gets what comes afterwards. */
export function within<T>(
  promise: Promise<T>,
  ms: number,
  late?: (value: T) => void,
): Promise<T | undefined> {
  return new Promise((resolve) => {
    let over = false
    const stop = afterAwake(ms, () => {
      over = true
      resolve(undefined)
    })
    promise.then(
      (value) => {
        stop()
        if (over) late?.(value)
        else resolve(value)
      },
      () => {
        stop()
        resolve(undefined)
      },
    )
  })
}
