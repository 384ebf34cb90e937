/** What a transfer needs of the plugin around it. */

import type { DeviceIdentity } from '../../link/index.js'
import type { FileTransferError } from '../errors.js'
import type { Journal } from '../journal/journal.js'
import type { TransferRecord } from '../journal/record.js'
import type { Mouth } from '../mediator/mouth.js'
import type { Settings } from '../options.js'
import type { NetworkWatch } from '../paths/network-watch.js'
import type { Paths } from '../paths/paths.js'
import type { DeviceLook } from '../trust-api.js'
import type { DialBudget } from './dial-budget.js'
import type { SendingTransfer } from './sending.js'
import type { Turns } from './turns.js'

export interface Surroundings {
  readonly settings: Settings
  readonly journal: Journal
  readonly mouth: Mouth
  readonly identity: Promise<DeviceIdentity>
  /** Who may move bytes now. */
  readonly turns: { readonly sending: Turns; readonly receiving: Turns }
  /** The turns of those who get what is shared (serving/uploads.ts). */
  readonly uploads: {
    admit(transfer: SendingTransfer): 'now' | 'later' | 'never'
    rests(transfer: SendingTransfer): void
    over(transfer: SendingTransfer): void
  }
  /** Which devices may be spoken to (trust/). */
  readonly trust: {
    demand(record: TransferRecord): void
    look(peer: string, device: string): DeviceLook
  }
  /** What our own server gives to be reached by, and what is allowed of it. */
  readonly paths: Paths
  /** Tells of links that lead nowhere any more. */
  readonly network: Pick<NetworkWatch, 'watch' | 'doubt'>
  /** Which addresses of a peer may still be dialled. */
  readonly dialBudget: DialBudget
  /** Fires when the plugin is stopped. The reason is a FileTransferError. */
  readonly stopped: AbortSignal
  /** Says something that belongs to no call. */
  report(trouble: FileTransferError): void
}
