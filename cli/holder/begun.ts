/**
 * An offer or a request is journaled, and said until the component has it: that one may be away for hours. Who has waited enough until then
 * follows it as it stands, and it is said when the component is back.
 */
import type { FileTransfer, Transfer } from '../../client-plugin/index.js'

/** Each is followed by one command only. */
const claimed = new WeakSet<Transfer>()

/**
 * @param fits what is known of the one that is to be begun
 * @param begin resolves when it is said, rejects where it cannot be
 * @param enough resolves when nobody waits for that any more
 */
export async function begun(
  files: Pick<FileTransfer, 'on' | 'off'>,
  fits: (transfer: Transfer) => boolean,
  begin: () => Promise<Transfer>,
  enough: Promise<unknown>,
): Promise<Transfer> {
  let journaled: (transfer: Transfer) => void = () => {}
  const unsaid = new Promise<Transfer>((resolve) => {
    journaled = resolve
  })
  const onTransfer = (transfer: Transfer) => {
    if (claimed.has(transfer) || transfer.state !== 'proposed' || !fits(transfer)) return
    claimed.add(transfer)
    files.off('transfer', onTransfer)
    journaled(transfer)
  }
  files.on('transfer', onTransfer)
  try {
    return await Promise.race([begin(), enough.then(() => unsaid)])
  } finally {
    files.off('transfer', onTransfer)
  }
}
