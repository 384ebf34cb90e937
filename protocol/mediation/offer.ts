/**
 * What an offer or request is as a whole: the sum over the devices it was delivered to.
 *
 * The first recorded accept takes it, unless it is for every device; then the other devices' transfers are `taken`, and
 * no further device gets it. When every device it went to has said no, nobody is left (`over`), and its author
 * is told so once. Pure, and plain JSON: it is what is stored.
 */

import type { Phase } from './edges.js'

export interface Offered {
  /** Goes to devices of the recipient that log in later. */
  readonly open: boolean
  /** Whether each device may take it, not only the first. */
  readonly every: boolean
  /** How many devices it was delivered to. */
  readonly delivered: number
  /** How many of them said no, before any bytes. */
  readonly refused: number
  /** Whether any device has accepted. */
  readonly accepted: boolean
  /** The one device that it is for, where it is for one: that which published what is requested. */
  readonly only?: string
  /** The root of its one file, hex, where it was stated. */
  readonly root?: string
}

export type OfferEvent =
  | { readonly what: 'delivered' }
  | { readonly what: 'moved'; readonly from: Phase; readonly to: Phase }
  | { readonly what: 'expired' }
  | { readonly what: 'withdrawn' }

export interface OfferStepped {
  readonly state: Offered
  /** The other devices' transfers are to be taken from them. */
  readonly takeOthers: boolean
  /** Nobody is left who could accept: the author is to know. */
  readonly over: boolean
}

/** An offer as it is when it is made. */
export function offered(every: boolean, only?: string, root?: string): Offered {
  const further = { ...(only && { only }), ...(root && { root }) }
  return { open: true, every, delivered: 0, refused: 0, accepted: false, ...further }
}

const waiting: ReadonlySet<Phase> = new Set(['proposed', 'countered'])
const refusals: ReadonlySet<Phase> = new Set(['declined', 'aborted'])

/** Takes one step of the sum. */
export function offerStep(state: Offered, event: OfferEvent): OfferStepped {
  const still = { takeOthers: false, over: false }
  switch (event.what) {
    case 'delivered':
      return { ...still, state: { ...state, delivered: state.delivered + 1 } }
    case 'withdrawn':
      return { ...still, state: { ...state, open: false } }
    case 'expired':
      return {
        ...still,
        state: { ...state, open: false },
        over: state.open && !state.accepted,
      }
    case 'moved': {
      if (!waiting.has(event.from)) return { ...still, state }
      if (event.to === 'running') {
        const first = !state.accepted
        const takeOthers = first && !state.every
        return { ...still, takeOthers, state: { ...state, accepted: true, open: state.open && !takeOthers } }
      }
      if (!refusals.has(event.to)) return { ...still, state }
      const refused = state.refused + 1
      const over = state.open && !state.accepted && refused === state.delivered
      return { ...still, over, state: { ...state, refused, open: state.open && !over } }
    }
  }
}
