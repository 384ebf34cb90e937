/**
 * Asking again for what was received once, or was to be: by its content from whoever sent it, on whichever of his devices, then from
 * whoever shares it; where the content was never known, as it was asked for.
 */

import type { AcceptOptions, AgainOptions, FileTransfer, Transfer } from '../api.js'
import { FileTransferError } from '../errors.js'
import { isEnd } from '../journal/record.js'
import { tellBegun } from '../proposal/own.js'
import type { Register } from '../register.js'
import type { Gettings } from './gettings.js'

export interface AgainAround {
  readonly register: Register
  readonly gettings: Gettings
  readonly files: Pick<FileTransfer, 'request' | 'get'>
  tell(transfer: Transfer): void
}

/** @throws FileTransferError `unknown-transfer`, `wrong-state`, and as `accept` of an offer */
export async function again(around: AgainAround, key: string, wish: AgainOptions): Promise<Transfer> {
  const { register, gettings, files } = around
  const { journal } = register.around
  const held = register.named(key) ?? gettings.named(key)
  const record = held?.record ?? journal.bySid(key) ?? journal.byOwnId(key)
  if (record === undefined) throw new FileTransferError('unknown-transfer', key)
  if (record.direction !== 'receiving') throw new FileTransferError('wrong-state', 'it was sent from here')
  if (!isEnd(record.phase)) throw new FileTransferError('wrong-state', record.phase)
  const { peer, destination, root, filesize, share, path } = record
  const into = wish.into ?? destination?.dir
  if (into === undefined) throw new FileTransferError('no-such-folder')
  const filename = wish.filename ?? destination?.filename
  const options: AcceptOptions = { onConflict: 'rename', ...wish, into, ...(filename && { filename }) }
  if (root !== undefined) {
    const pursued = record.pursuit !== undefined
    const published = share !== undefined && path !== undefined ? { share, path } : {}
    const origin = { peer, filename: record.filename, ...published }
    const what = { root, ...(filesize !== undefined && { filesize }), ...(!pursued && { origin }) }
    const getting = await gettings.begin(what, filename ?? record.filename, options)
    around.tell(getting)
    tellBegun(getting, options, register.around.report)
    return getting
  }
  if (share !== undefined && path !== undefined) return files.get({ peer, share, path }, options)
  return files.request(peer, record.filename, options)
}
