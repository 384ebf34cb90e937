/**
 * The legal steps of one transfer, as data (docs/protocol.md, "Mediation").
 *
 * `edges[phase][action][role]` is the phase that follows. What is not here is refused. The types of the rules
 * (rules.ts) are derived from this table, so that a step without a rule, a rule without a step, and a rule that
 * leads elsewhere do not compile; the picture in the docs is drawn from it too (picture.ts).
 */

export const edges = {
  /** Offered or requested, and delivered to one device of the recipient. */
  proposed: {
    accept: { recipient: 'running' },
    decline: { recipient: 'declined' },
    /** Under the name that was requested there is another file: it is put forward instead. */
    offer: { recipient: 'countered' },
    /** A request waits for its turn there. */
    queued: { recipient: 'proposed' },
    abort: { author: 'aborted', recipient: 'aborted' },
    take: { component: 'taken' },
    expire: { component: 'expired' },
  },
  /** Requests only: the author is to say whether it takes the other file. */
  countered: {
    accept: { author: 'running' },
    decline: { author: 'declined' },
    abort: { author: 'aborted', recipient: 'aborted' },
    take: { component: 'taken' },
    expire: { component: 'expired' },
  },
  /** Accepted. Attempts are numbered from 1; only the receiving side opens further ones. */
  running: {
    append: { receiving: 'running' },
    listening: { answering: 'running' },
    connecting: { answering: 'running' },
    timeout: { sending: 'running', receiving: 'running' },
    queued: { sending: 'running' },
    abort: { sending: 'aborting', receiving: 'aborted' },
    complete: { receiving: 'complete' },
    /** The sending device, which an append did not find, has logged in. */
    back: { component: 'running' },
    expire: { component: 'expired' },
  },
  /** The sending side wants to stop: the receiving side decides between `aborted` and `complete`. */
  aborting: {
    abort: { receiving: 'aborted' },
    complete: { receiving: 'complete' },
    expire: { component: 'aborted' },
  },
  complete: {},
  declined: {},
  aborted: {},
  taken: {},
  expired: {},
} as const

export type Edges = typeof edges
export type Phase = keyof Edges

/** Phases that nothing leaves. */
export type End = { [P in Phase]: keyof Edges[P] extends never ? P : never }[Phase]

/** What can be said or happen at all. */
export type Action = { [P in Phase]: keyof Edges[P] }[Phase]

/** Who may take a step: who made the proposal, which way the bytes go, who opened the attempt, or we ourselves. */
export type Role = 'author' | 'recipient' | 'sending' | 'receiving' | 'answering' | 'component'

/** What only the component does; everything else is said by a device. */
export type OwnAction = 'take' | 'expire' | 'back'
export type SaidAction = Exclude<Action, OwnAction>

/** Whether a transfer in this phase is over. */
export function isEnd(phase: Phase): phase is End {
  return Object.keys(edges[phase]).length === 0
}
