/** A request that came in, as the program answers it: with a file, or with no. */

import type { Request, Transfer } from '../api.js'
import { FileTransferError } from '../errors.js'
import type { SendingTransfer } from '../transfer/sending.js'
import type { DeviceLook } from '../trust-api.js'
import { goneWith } from './gone.js'
import { sourceFile } from './source-file.js'

export class IncomingRequest implements Request {
  readonly sid: string
  readonly peer: string
  readonly device: string
  readonly filename: string
  readonly filesize: number | undefined
  readonly filebytesdone: number
  readonly description: string | undefined
  readonly gone: AbortSignal
  #answering = false

  constructor(
    readonly transfer: SendingTransfer,
    readonly isContact: boolean,
    readonly onAccepted: () => void,
  ) {
    const { record } = transfer
    this.gone = goneWith(transfer)
    this.sid = record.sid!
    this.peer = record.peer
    this.device = record.device!
    this.filename = record.filename
    this.filesize = record.asked?.filesize
    this.filebytesdone = record.asked?.filebytesdone ?? 0
    this.description = record.description
  }

  get deviceLook(): DeviceLook {
    return this.transfer.around.trust.look(this.peer, this.device)
  }

  async accept(path: string): Promise<Transfer> {
    this.#demandOpen()
    this.#answering = true
    const { transfer } = this
    try {
      // Who holds a part of a file with a known root is to hear whether this is the one.
      const hashFirst = transfer.record.asked?.root === undefined ? {} : { hashFirst: true }
      const { source, mark, filesize, root } = await sourceFile(path, hashFirst)
      if (transfer.isOver) {
        source.close()
        throw new FileTransferError('wrong-state', transfer.state)
      }
      transfer.keep(source)
      const changes = { source: mark, filesize, ...(root && { root }) }
      transfer.answerWith(changes)
    } catch (error) {
      this.#answering = false
      throw error
    }
    this.onAccepted()
    return transfer
  }

  async decline(reason: 'not-found' | 'policy' | 'user' = 'user'): Promise<void> {
    this.#demandOpen()
    this.transfer.put({ action: 'decline', block: false, reason })
    await this.transfer.whenSaid()
  }

  #demandOpen(): void {
    const { record } = this.transfer
    if (this.#answering || record.phase !== 'proposed' || record.saying !== undefined) {
      throw new FileTransferError('wrong-state', this.transfer.state)
    }
  }
}
