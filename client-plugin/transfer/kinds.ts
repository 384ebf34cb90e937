/** The kinds of transfers. */

import type { ReceivingTransfer } from './receiving.js'
import type { SendingTransfer } from './sending.js'
import type { SpreadTransfer } from './spread.js'

/** What is between two devices. */
export type Bound = ReceivingTransfer | SendingTransfer
export type AnyTransfer = Bound | SpreadTransfer
