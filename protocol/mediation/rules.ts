/**
 * What each legal step does: one rule for every edge of edges.ts, no more and no fewer (the types see to it).
 * A rule is asked only for the phase, action and role that it stands for; it may still refuse for what the event holds.
 */

import type { Edges, End, Phase } from './edges.js'
import type { Effect, Ended, EndedAs, Event, Refusal, Side, Stepped, Transfer } from './transfer.js'
import { otherSide, receivingSide, sendingSide } from './transfer.js'

type In<P extends Phase> = Extract<Transfer, { phase: P }>
type Of<A> = Event extends infer E ? (E extends { say: infer S } ? (A extends S ? E : never) : never) : never

/** A rule for one edge: it gives the state of the phase that the edge leads to, or refuses. */
type Rule<P extends Phase, A, To> = (
  state: In<P>,
  event: Of<A>,
) => Stepped<Extract<Transfer, { phase: To }>> | Refusal

export type Rules = {
  readonly [P in Phase]: keyof Edges[P] extends never
    ? Readonly<Record<string, never>>
    : {
        readonly [A in keyof Edges[P]]: {
          readonly [R in keyof Edges[P][A]]: Rule<P, A, Edges[P][A][R]>
        }
      }
}

const store: Effect = { do: 'store' }
const reply: Effect = { do: 'reply' }
const deliver = (to: Side): Effect => ({ do: 'forward', to, kept: true })
const mention = (to: Side): Effect => ({ do: 'forward', to, kept: false })
const tell = (to: Side, what: 'taken' | 'expired' | 'ready'): Effect => ({ do: 'tell', to, what })

/** The state after the last step; only what is of use afterwards is kept. */
function ended<P extends End>(state: Transfer, phase: P, by: Ended['by']): EndedAs<P> {
  const { sid, kind, author, recipient } = state
  return { sid, kind, author, recipient, phase, attempt: 'attempt' in state ? state.attempt : 0, by }
}

/** Ends by the word of one side, which the other is told. */
function endBy<P extends End>(state: Transfer, phase: P, by: Side): Stepped<EndedAs<P>> {
  return { state: ended(state, phase, by), effects: [store, reply, deliver(otherSide(by))] }
}

/** A proposal that is accepted is in its first attempt, opened by who accepted. */
function accepted(state: Transfer, opener: Side, attempt: number, said?: string) {
  if (attempt !== 1) return unexpected(state)
  const { sid, kind, author, recipient } = state
  const root = said ?? state.root
  const bound = { sid, kind, author, recipient, ...(root !== undefined && { root }) }
  return {
    state: { ...bound, phase: 'running', attempt, opener, owesReady: false } as const,
    effects: [store, reply, deliver(otherSide(opener))],
  }
}

/** A word that both devices may hear now or never. */
function answered(state: In<'running'>, from: Side, attempt: number) {
  if (attempt !== state.attempt) return unexpected(state)
  return { state, effects: [reply, mention(otherSide(from))] }
}

/** The refusal that carries what the asker does not know yet. */
export function unexpected(state: Transfer): Refusal {
  return {
    refuse: 'unexpected-request',
    phase: state.phase,
    attempt: 'attempt' in state ? state.attempt : 0,
  }
}

export const rules: Rules = {
  proposed: {
    accept: {
      recipient: (state, { attempt, root }) => {
        // What is sent is for the sending side to say: in an accept, for that of a request.
        return accepted(state, 'recipient', attempt, state.kind === 'request' ? root : undefined)
      },
    },
    decline: { recipient: (state) => endBy(state, 'declined', 'recipient') },
    offer: {
      recipient: (state, event) => {
        if (state.kind !== 'request') return { refuse: 'forbidden' }
        const { root, digest: counter } = event
        return {
          state: { ...state, phase: 'countered', counter, ...(root !== undefined && { root }) },
          effects: [store, reply, deliver('author')],
        }
      },
    },
    queued: {
      recipient: (state) => ({ state, effects: [reply, mention('author')] }),
    },
    abort: {
      author: (state) => endBy(state, 'aborted', 'author'),
      recipient: (state) => endBy(state, 'aborted', 'recipient'),
    },
    // The author hears of a taken or expired proposal once, by the offer (offer.ts), not once a device.
    take: {
      component: (state) => ({
        state: ended(state, 'taken', 'component'),
        effects: [store, tell('recipient', 'taken')],
      }),
    },
    expire: {
      component: (state) => ({
        state: ended(state, 'expired', 'component'),
        effects: [store, tell('recipient', 'expired')],
      }),
    },
  },
  countered: {
    accept: { author: (state, event) => accepted(state, 'author', event.attempt) },
    decline: { author: (state) => endBy(state, 'declined', 'author') },
    abort: {
      author: (state) => endBy(state, 'aborted', 'author'),
      recipient: (state) => endBy(state, 'aborted', 'recipient'),
    },
    // The author has heard of this transfer, and is to hear of its end.
    take: {
      component: (state) => ({
        state: ended(state, 'taken', 'component'),
        effects: [store, tell('recipient', 'taken'), tell('author', 'taken')],
      }),
    },
    expire: {
      component: (state) => ({
        state: ended(state, 'expired', 'component'),
        effects: [store, tell('recipient', 'expired'), tell('author', 'expired')],
      }),
    },
  },
  running: {
    append: {
      receiving: (state, event) => {
        if (event.attempt !== state.attempt + 1) return unexpected(state)
        const opener = receivingSide(state.kind)
        if (!event.senderHere) {
          const away: Effect = { do: 'refuse', with: { refuse: 'recipient-unavailable' } }
          return state.owesReady
            ? { state, effects: [away] }
            : { state: { ...state, owesReady: true }, effects: [store, away] }
        }
        return {
          state: { ...state, attempt: event.attempt, opener, owesReady: false },
          effects: [store, reply, deliver(otherSide(opener))],
        }
      },
    },
    listening: { answering: (state, event) => answered(state, otherSide(state.opener), event.attempt) },
    connecting: { answering: (state, event) => answered(state, otherSide(state.opener), event.attempt) },
    timeout: {
      sending: (state, event) => answered(state, sendingSide(state.kind), event.attempt),
      receiving: (state, event) => answered(state, receivingSide(state.kind), event.attempt),
    },
    queued: {
      sending: (state) => ({ state, effects: [reply, mention(receivingSide(state.kind))] }),
    },
    abort: {
      sending: (state, event) => {
        if (isOlder(state, event.attempt)) return unexpected(state)
        return {
          state: { ...state, phase: 'aborting', owesReady: false },
          effects: [store, reply, deliver(receivingSide(state.kind))],
        }
      },
      receiving: (state, event) => {
        if (isOlder(state, event.attempt)) return unexpected(state)
        return endBy(state, 'aborted', receivingSide(state.kind))
      },
    },
    complete: { receiving: completed },
    back: {
      component: (state) => {
        if (!state.owesReady) return { state, effects: [] }
        return {
          state: { ...state, owesReady: false },
          effects: [store, tell(receivingSide(state.kind), 'ready')],
        }
      },
    },
    expire: {
      component: (state) => ({
        state: ended(state, 'expired', 'component'),
        effects: [store, tell('recipient', 'expired'), tell('author', 'expired')],
      }),
    },
  },
  aborting: {
    abort: { receiving: (state) => endBy(state, 'aborted', receivingSide(state.kind)) },
    complete: { receiving: completed },
    expire: {
      component: (state) => ({
        state: ended(state, 'aborted', 'component'),
        effects: [store, tell('recipient', 'expired'), tell('author', 'expired')],
      }),
    },
  },
  complete: {},
  declined: {},
  aborted: {},
  taken: {},
  expired: {},
}

/** With this root or, where the sending side has not said one, with any. */
function completed(state: In<'running'> | In<'aborting'>, event: Of<'complete'>) {
  if (event.attempt !== state.attempt) return unexpected(state)
  if (state.root !== undefined && event.root !== undefined && event.root !== state.root) {
    return { refuse: 'conflict' } as const
  }
  return endBy(state, 'complete', receivingSide(state.kind))
}

/** An abort may name the attempt that it means; without one it means the transfer. */
function isOlder(state: In<'running'>, attempt: number | undefined): boolean {
  return attempt !== undefined && attempt !== state.attempt
}
