/**
 * The receiving side's rule for attempts: a pure step over a plain state. It says what to do; the caller has the clock,
 * the chance and the sockets. The legal steps are in edges.ts.
 *
 * Rules that hold here: what the component has recorded is never said again with the same number; nothing is opened while
 * another attempt is open (exactly one writer, case 80); every wait is within pace.ts.
 */

import { edges, type Place, type Word } from './edges.js'
import { shortestWait, waitAfter } from './pace.js'
import type { Before } from './sides.js'

export interface Receiving {
  readonly place: Place
  /** The current attempt, from 1. */
  readonly attempt: number
  /** Attempts in a row that proved nothing. */
  readonly failures: number
  /** What became of the attempt before, for the choice of sides. */
  readonly before: Before | undefined
  /** Who paused, where paused. */
  readonly pausedBy: 'us' | 'peer' | 'fault' | 'unreachable' | undefined
  /** Whether the component has recorded this attempt. If not, it is said again, the same. */
  readonly recorded: boolean
}

export type ReceivingEvent =
  | { readonly is: 'recorded' | 'senderAway' | 'unsaid' | 'loggedIn' | 'linked' | 'proven' | 'placed' }
  | { readonly is: 'behind'; readonly attempt: number }
  | { readonly is: 'noLink' | 'voided'; readonly listened: boolean; readonly chance: number }
  | { readonly is: 'broke'; readonly progressed: boolean; readonly chance: number }
  | { readonly is: 'stopped' | 'suspend' | 'due' | 'ready' | 'lifeSign' | 'giveUp' }
  | { readonly is: 'pause' | 'resume' | 'nudged' }

export type ReceivingEffect =
  /** Journal the attempt, open a link attempt, and say accept (first) or append. */
  | { readonly do: 'open' }
  /** Close what belongs to the attempt: sockets, timers. */
  | { readonly do: 'close' }
  /** Send an event `due` after so many ms; a wait that runs already is replaced, or kept where it is shorter. */
  | { readonly do: 'wait'; readonly ms: number; readonly atMost?: true }
  /** Forget the wait. */
  | { readonly do: 'stopWaiting' }

export interface ReceivingStepped {
  readonly state: Receiving
  readonly effects: readonly ReceivingEffect[]
}

/** While the sender is away `ready` is what we wait for; this is for the case that the word is lost, ms. */
const awayWait = 60_000

const start: Receiving = {
  place: 'opening',
  attempt: 1,
  failures: 0,
  before: undefined,
  pausedBy: undefined,
  recorded: false,
}

/** A sign of life hastens the next attempt to this, once several have failed: a sender that gives signs and no link is not to be chased, ms. */
const hastenedWait = 8_000
/** So many failures in a row are bad luck. */
const badLuck = 3

/** An accept that is to be said. */
export function accepting(): Receiving {
  return start
}

/** The first attempt where the sending side opened it, by accepting a request. */
export function accepted(): Receiving {
  return { ...start, place: 'linking', recorded: true }
}

/** What the journal holds of a transfer that ran when the program ended: `resume` goes on with it. */
export function takenUp(attempt: number, recorded: boolean): Receiving {
  return { ...start, place: 'paused', attempt, recorded, pausedBy: 'us' }
}

/** One step. What is not legal in this place changes nothing. */
export function stepReceiving(state: Receiving, event: ReceivingEvent): ReceivingStepped {
  const next = (edges[state.place] as Partial<Record<Word, Place>>)[event.is]
  if (next === undefined) return { state, effects: [] }
  const moved: Receiving = { ...state, place: next }
  switch (event.is) {
    case 'recorded':
      return { state: { ...moved, recorded: true }, effects: [] }
    case 'unsaid':
      return { state: moved, effects: [{ do: 'close' }] }
    case 'senderAway':
      // The attempt was not opened: its number is free again.
      return {
        state: { ...moved, attempt: state.attempt - 1, recorded: true },
        effects: [{ do: 'close' }, { do: 'wait', ms: awayWait }],
      }
    case 'behind':
      // The component's number is the truth: ours may be older (a lost journal) or newer (never recorded).
      return {
        state: { ...moved, attempt: event.attempt, recorded: true },
        effects: [{ do: 'close' }, { do: 'wait', ms: shortestWait }],
      }
    case 'linked':
    case 'proven':
    case 'placed':
      return { state: moved, effects: [] }
    case 'noLink':
    case 'voided': {
      const failures = state.failures + 1
      return {
        state: { ...moved, failures, before: { listened: event.listened, timedOut: true } },
        effects: [{ do: 'close' }, { do: 'wait', ms: waitAfter(failures, event.chance) }],
      }
    }
    case 'broke': {
      const failures = event.progressed ? 1 : state.failures + 1
      const before = state.before && { ...state.before, timedOut: false }
      return {
        state: { ...moved, failures, before },
        effects: [{ do: 'close' }, { do: 'wait', ms: waitAfter(failures, event.chance) }],
      }
    }
    case 'lifeSign':
      return {
        state: moved,
        effects: [{ do: 'wait', ms: state.failures > badLuck ? hastenedWait : shortestWait, atMost: true }],
      }
    case 'loggedIn':
    case 'due':
    case 'ready':
      if (state.place === 'opening') return { state: moved, effects: [{ do: 'open' }] }
      return { state: opened(moved), effects: [{ do: 'stopWaiting' }, { do: 'open' }] }
    case 'resume':
    case 'nudged':
      if (event.is === 'nudged' && state.pausedBy !== 'peer') return { state, effects: [] }
      return { state: opened(moved), effects: [{ do: 'open' }] }
    case 'stopped':
      return { state: { ...moved, pausedBy: 'peer' }, effects: [{ do: 'close' }] }
    case 'suspend':
      return { state: { ...moved, pausedBy: 'fault' }, effects: [{ do: 'close' }] }
    case 'giveUp':
      return { state: { ...moved, pausedBy: 'unreachable' }, effects: [{ do: 'stopWaiting' }] }
    case 'pause':
      return { state: { ...moved, pausedBy: 'us' }, effects: [{ do: 'stopWaiting' }, { do: 'close' }] }
  }
}

/** The next attempt; one that was never recorded is said again, the same. */
function opened(state: Receiving): Receiving {
  const attempt = state.recorded ? state.attempt + 1 : state.attempt
  return { ...state, attempt, recorded: false, pausedBy: undefined }
}
