/** Coming into the catalogue, and leaving it (docs/catalogue.md, "Registering"). */

import { type Codec, record } from '../codec.js'
import { attribute, type Described, many, optional } from '../fields.js'
import { maxShares } from './share.js'
import { countValue, ns, registrationIdValue, seqValue, shareIdValue, ttlValue } from './words.js'

const registerShape = {
  /** The registration that this device has. Without it, whatever the device had in the catalogue is replaced. */
  id: optional(attribute('id', registrationIdValue)),
}

/** `register`: this device will publish. */
export type Register = Described<typeof registerShape>
export const register: Codec<Register> = record('register', ns, registerShape)

const heldShape = {
  share: attribute('share', shareIdValue),
  seq: attribute('seq', seqValue),
  /** To a publication alone: entries of it that are there without their media type or some of their tags. */
  less: optional(attribute('less', countValue)),
}

/** `held`: how far the component has followed a share's changes. Also the answer to `share` and `publish`. */
export type Held = Described<typeof heldShape>
export const held: Codec<Held> = record('held', ns, heldShape)

const registeredShape = {
  id: attribute('id', registrationIdValue),
  /** How long it lives without a login, in seconds. */
  ttl: attribute('ttl', ttlValue),
  /** The device's shares, and where each stands. */
  held: many(held, { min: 0, max: maxShares }),
}

/** `registered`: the answer. */
export type Registered = Described<typeof registeredShape>
export const registered: Codec<Registered> = record('registered', ns, registeredShape)

/** `unregister`: take back everything this device has published. */
export type Unregister = Record<never, never>
export const unregister: Codec<Unregister> = record('unregister', ns, {})
