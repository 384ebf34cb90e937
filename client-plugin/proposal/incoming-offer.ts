/** An offer that came in, as the user answers it: accept or decline, once. */

import { openPart, ReceiveFailed } from '../../bytes/index.js'
import type { AcceptOptions, Offer, Transfer } from '../api.js'
import { FileTransferError } from '../errors.js'
import type { TransferRecord } from '../journal/record.js'
import { fromHex } from '../transfer/hex.js'
import { localTrouble } from '../transfer/local-trouble.js'
import { markOf, type ReceivingTransfer } from '../transfer/receiving.js'
import { demandRoom, destinationFor, leftover } from './destination.js'

export class IncomingOffer implements Offer {
  readonly sid: string
  readonly peer: string
  readonly device: string
  readonly filename: string
  readonly filesize: number
  readonly mediaType: string | undefined
  readonly description: string | undefined
  readonly root: string | undefined
  #answering = false

  constructor(
    readonly transfer: ReceivingTransfer,
    /** Told once it is accepted. */
    readonly onAccepted: () => void,
  ) {
    const { record } = transfer
    this.sid = record.sid!
    this.peer = record.peer
    this.device = record.device!
    this.filename = record.filename
    this.filesize = record.filesize!
    this.mediaType = record.mediaType
    this.description = record.description
    this.root = record.root
  }

  async accept(options: AcceptOptions): Promise<Transfer> {
    this.#demandOpen()
    this.#answering = true
    try {
      await takeOffer(this.transfer, options)
    } catch (error) {
      this.#answering = false
      throw localTrouble(error)
    }
    options.signal?.addEventListener('abort', () => void this.transfer.abort().catch(() => undefined))
    this.onAccepted()
    return this.transfer
  }

  async decline(): Promise<void> {
    this.#demandOpen()
    this.transfer.put({ action: 'decline', block: false, reason: 'user' })
    await this.transfer.saidSoon()
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
  const record = { ...transfer.record, ...changes }
  const { sid, peer, filename, root } = record
  const filesize = record.filesize!
  const destination = await destinationFor(filename, options)
  const left = leftover(journal, { peer, filename, filesize, ...(root && { root }) }, destination.dir)
  const opening = {
    dir: destination.dir,
    transfer: { sid: sid!, peer, filename, filesize, ...(root && { root: fromHex(root) }) },
    ...(options.onConflict && { onConflict: options.onConflict }),
    ...(options.signal && { signal: options.signal }),
  }
  if (left === undefined) await demandRoom(destination.dir, filesize, 0, settings)
  const part = await (left === undefined
    ? openPart(opening)
    : openPart({ ...opening, existing: left.part.path }).catch((error: unknown) => {
        if (!(error instanceof ReceiveFailed && error.code === 'part-lost')) throw error
        return openPart(opening)
      }))
  if (transfer.isOver || options.signal?.aborted) {
    await part.discard()
    throw new FileTransferError(options.signal?.aborted ? 'cancelled' : 'wrong-state')
  }
  // From here on the part belongs to this transfer alone.
  if (left !== undefined) journal.put({ ...left.record, part: undefined })
  transfer.onConflict = options.onConflict ?? 'rename'
  transfer.accept({ ...changes, destination, part: markOf(part) }, part)
}
