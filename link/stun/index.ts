/** STUN over TCP: what one's own address looks like from outside, and the messages that TURN speaks too. */

export type { AddressAndPort } from './attributes.js'
export { StunFailed, type StunFailure } from './conversation.js'
export { type OuterAddress, type OuterAddressOptions, outerAddress } from './outer-address.js'
