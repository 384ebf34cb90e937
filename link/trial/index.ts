/** Trying out, with oneself as the other side, what links are made of; for `diagnose`. */

export { type TriedPort, tryPort } from './own-port.js'
export { tryProxy } from './proxy.js'
export { dialledFromOutside, type TriedRelay, tryTurn } from './relay.js'
export { type SeenFromOutside, seenFromOutside } from './seen.js'
export { type Trial, TrialFailed } from './trial.js'
