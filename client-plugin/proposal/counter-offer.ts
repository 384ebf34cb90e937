/** Another file of the wanted name, as the user answers it (in 2002: accept it, or send `block`). */

import { dropPart } from '../../bytes/index.js'
import type { AcceptOptions, CounterOffer } from '../api.js'
import { FileTransferError } from '../errors.js'
import { localTrouble } from '../transfer/local-trouble.js'
import type { ReceivingTransfer } from '../transfer/receiving.js'
import { takeOffer } from './incoming-offer.js'

export class IncomingCounter implements CounterOffer {
  readonly filename: string
  readonly filesize: number
  readonly root: string | undefined
  #answering = false

  constructor(
    readonly transfer: ReceivingTransfer,
    readonly options: AcceptOptions,
  ) {
    const { filename, filesize, root } = transfer.record.counter!
    this.filename = filename
    this.filesize = filesize
    this.root = root
  }

  async accept(): Promise<void> {
    this.#demandOpen()
    this.#answering = true
    const { transfer, filesize, root } = this
    try {
      // Not a byte of the other file is kept: they are two files.
      await transfer.part.close()
      const { part } = transfer.record
      await takeOffer(transfer, this.options, { filesize, root, counter: undefined, asked: undefined })
      if (part !== undefined) dropPart(part)
    } catch (error) {
      this.#answering = false
      throw localTrouble(error)
    }
  }

  async block(): Promise<void> {
    this.refuse()
    await this.transfer.whenSaid()
  }

  /** As `block`; what is said, is said by itself. */
  refuse(): void {
    this.#demandOpen()
    this.transfer.put({ action: 'decline', block: true, reason: 'block' }, { trouble: 'blocked' })
  }

  #demandOpen(): void {
    const { record } = this.transfer
    if (this.#answering || record.phase !== 'countered' || record.saying !== undefined) {
      throw new FileTransferError('wrong-state', this.transfer.state)
    }
  }
}
