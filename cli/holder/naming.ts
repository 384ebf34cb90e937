/** How reports name transfers: a number that stays, whatever becomes of the key. */
import type { FileTransfer, FileTransferError, Transfer } from '../../client-plugin/index.js'
import type { Named, Report, Trouble } from '../words.js'

const numbers = new WeakMap<Transfer, number>()
let last = 0

/** What every report about this transfer carries. */
export function named(transfer: Transfer): Named {
  let no = numbers.get(transfer)
  if (no === undefined) {
    no = ++last
    numbers.set(transfer, no)
  }
  const { key, direction, peer, filename, filesize } = transfer
  return { no, key, direction, peer, filename, ...(filesize === undefined ? {} : { filesize }) }
}

/** The key that was said before the other side accepted, where it goes by another one now; it stays good until the end. */
export function earlierKey(
  { id, key, isOver }: Transfer,
  files: Pick<FileTransfer, 'transfer'>,
): { earlierKey?: string } {
  return !isOver && id !== key && files.transfer(id)?.key === key ? { earlierKey: id } : {}
}

/** Says what is kept of one that has ended, if anything is. */
export function reportLeft(
  transfer: Transfer,
  files: Pick<FileTransfer, 'left'>,
  report: (report: Report) => void,
): void {
  // Whether anything came is known without looking for it in the journal.
  if (transfer.direction !== 'receiving' || !transfer.isOver || transfer.progress.bytes === 0) return
  const left = files.left.of(transfer.key)
  if (left !== undefined) report({ report: 'left', ...named(transfer), ...left })
}

/** A trouble of the plugin in the words of the command, as a field that is there or not. */
export function troubleField(trouble: FileTransferError | undefined): { trouble?: Trouble } {
  return trouble ? { trouble: { code: trouble.code, says: trouble.message, todo: trouble.todo } } : {}
}
