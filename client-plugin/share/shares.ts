/** The folders that this device shares. */

import { EventEmitter } from 'node:events'
import type { LeftOut, ShareInfo, ShareOptions, Shares, SharesEvents } from '../api.js'
import { FileTransferError } from '../errors.js'
import type { Shelf } from '../serving/shelf.js'

export class SharedFolders extends EventEmitter<SharesEvents> implements Shares {
  /** What is looked up when somebody asks for a file. */
  readonly shelf: Shelf = {
    find: () => undefined,
    visibleTo: () => false,
    lookAgain: async () => undefined,
  }

  async add(_folder: string, _options: ShareOptions = {}): Promise<ShareInfo> {
    throw new FileTransferError('internal', 'not yet')
  }

  async remove(share: string): Promise<void> {
    throw new FileTransferError('unknown-share', share)
  }

  list(): ShareInfo[] {
    return []
  }

  async current(share: string): Promise<ShareInfo> {
    throw new FileTransferError('unknown-share', share)
  }

  leftOut(share: string): LeftOut[] {
    throw new FileTransferError('unknown-share', share)
  }
}
