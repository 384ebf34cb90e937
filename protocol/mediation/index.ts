/** The rules of mediation: what the component does with what devices say about transfers. Pure. */

export type { Action, Edges, End, OwnAction, Phase, Role, SaidAction } from './edges.js'
export { edges, isEnd } from './edges.js'
export {
  longestProposal,
  longestSilence,
  memory,
  proposalEnds,
  shortestProposal,
} from './lifetimes.js'
export type { OfferEvent, Offered, OfferStepped } from './offer.js'
export { offered, offerStep } from './offer.js'
export { picture } from './picture.js'
export { propose, sideOf, step } from './step.js'
export type {
  Effect,
  Event,
  Kind,
  Own,
  Party,
  Refusal,
  Said,
  Side,
  Stepped,
  Transfer,
} from './transfer.js'
export {
  attemptOf,
  isRefusal,
  isSameParty,
  otherSide,
  receivingSide,
  sendingSide,
} from './transfer.js'
