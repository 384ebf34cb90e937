/** An offer that came in, as the user answers it: accept or decline, once. */

import type { AcceptOptions, DeclineReason, Offer, Transfer } from '../api.js'
import { FileTransferError } from '../errors.js'
import type { TransferRecord } from '../journal/record.js'
import { localTrouble } from '../transfer/local-trouble.js'
import { markOf, openPartFor } from '../transfer/part-keeper.js'
import type { ReceivingTransfer } from '../transfer/receiving.js'
import type { DeviceLook } from '../trust-api.js'
import { demandRoom, destinationFor, leftover } from './destination.js'
import { follow } from './follow.js'
import { goneWith } from './gone.js'
import { via } from './own.js'

export class IncomingOffer implements Offer {
  readonly sid: string
  readonly peer: string
  readonly device: string
  readonly filename: string
  readonly filesize: number
  readonly mediaType: string | undefined
  readonly description: string | undefined
  readonly root: string | undefined
  readonly gone: AbortSignal
  #answering = false

  constructor(
    readonly transfer: ReceivingTransfer,
    readonly isContact: boolean,
    /** Told once it is accepted. */
    readonly onAccepted: () => void,
  ) {
    const { record } = transfer
    this.gone = goneWith(transfer)
    this.sid = record.sid!
    this.peer = record.peer
    this.device = record.device!
    this.filename = record.filename
    this.filesize = record.filesize!
    this.mediaType = record.mediaType
    this.description = record.description
    this.root = record.root
  }

  get deviceLook(): DeviceLook {
    return this.transfer.around.trust.look(this.peer, this.device)
  }

  async accept(options: AcceptOptions): Promise<Transfer> {
    this.#demandOpen()
    this.#answering = true
    try {
      await takeOffer(this.transfer, options)
    } catch (error) {
      this.#answering = false
      const why = localTrouble(error)
      if (why.code === 'no-space') this.#sayNoRoom()
      throw why
    }
    follow(this.transfer, options.signal)
    this.onAccepted()
    return this.transfer
  }

  async decline(reason: DeclineReason = 'user'): Promise<void> {
    this.#demandOpen()
    this.transfer.put({ action: 'decline', block: false, reason })
    await this.transfer.whenSaid()
  }

  /** It was to be taken, and may be yet: whoever waits for an answer is to know why there is none. */
  #sayNoRoom(): void {
    if (this.transfer.isOver) return
    const value = { sid: this.sid, place: 1, reason: 'no-space' as const }
    this.transfer.around.mouth.mention({ action: 'queued', value })
  }

  #demandOpen(): void {
    const { record } = this.transfer
    if (this.#answering || record.phase !== 'proposed' || record.saying !== undefined) {
      throw new FileTransferError('wrong-state', this.transfer.state)
    }
  }
}

/** Accepts what is offered (or put forward instead): looks whether it can be received, and begins. */
export async function takeOffer(
  transfer: ReceivingTransfer,
  options: AcceptOptions,
  changes: Partial<TransferRecord> = {},
): Promise<void> {
  const { settings, journal } = transfer.around
  const { signal } = options
  const record = { ...transfer.record, ...changes }
  const { peer, filename, root } = record
  const filesize = record.filesize!
  const policy = via(options)
  const destination = await destinationFor(filename, options)
  const left = leftover(journal, { peer, filename, filesize, root }, destination.dir)
  demandRoom(destination.dir, left === undefined ? filesize : 0, filesize, settings)
  const part = await openPartFor({ ...record, destination }, { existing: left?.part, signal })
  if (transfer.isOver || signal?.aborted) {
    await (left === undefined ? part.discard() : part.close())
    throw new FileTransferError(signal?.aborted ? 'cancelled' : 'wrong-state')
  }
  // From here on the part belongs to this transfer alone.
  const others = left === undefined ? [] : [{ ...left.record, part: undefined }]
  try {
    transfer.accept({ ...changes, ...policy, destination, part: markOf(part) }, part, ...others)
  } catch (error) {
    await (left === undefined ? part.discard() : part.close())
    throw error
  }
}
