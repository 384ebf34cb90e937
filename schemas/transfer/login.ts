/**
 * `login`: this full JID now speaks for this device. In directed presence to the component, and in the component's
 * presence back, which says that it is so (docs/protocol.md, "Devices").
 */

import { type Codec, record } from '../codec.js'
import { attribute, type Described } from '../fields.js'
import { deviceIdValue, ns } from './routing.js'

const shape = { device: attribute('device', deviceIdValue) }

export type Login = Described<typeof shape>
export const login: Codec<Login> = record('login', ns, shape)
