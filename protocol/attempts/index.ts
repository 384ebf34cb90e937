/** The rules of both sides for attempts: who opens them, when, and who listens. Pure. */

export { edges, type Place } from './edges.js'
export { longestWait, shortestWait, waitAfter } from './pace.js'
export {
  accepted,
  accepting,
  type Receiving,
  type ReceivingEffect,
  type ReceivingEvent,
  stepReceiving,
  takenUp,
} from './receiving.js'
export { judgeOpening, type Opening, type OpeningVerdict, type Serving } from './sending.js'
export { type Ability, answersListening, type Before, opensListening, type Sides } from './sides.js'
