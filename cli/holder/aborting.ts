/**
 * The end of a transfer that is wanted on this side is decided by the other one (docs/protocol.md, "Ends"): which may be away, or a device that
 * is no more. Whoever follows it waits a moment for that, and is told then how it stands.
 */
import { FileTransferError, type Transfer, type TransferState } from '../../client-plugin/index.js'

/** Somebody who is there answers in less, ms. */
const longestMs = 5_000

/** Pending for ever where it does not come to that; rejects with why it is to end. @param stopped when it is followed no more */
export function abortingForLong(transfer: Transfer, stopped: AbortSignal): Promise<never> {
  const over = new Promise<never>((_, reject) => {
    let timer: NodeJS.Timeout | undefined
    const look = (state: TransferState) => {
      if (state !== 'aborting') return
      const why = () => transfer.trouble ?? new FileTransferError('aborted')
      // It is the connection that keeps the program running.
      timer ??= setTimeout(() => reject(why()), longestMs).unref()
    }
    transfer.on('state', look)
    look(transfer.state)
    stopped.addEventListener('abort', () => {
      transfer.off('state', look)
      clearTimeout(timer)
    })
  })
  // It may be followed no more by then.
  over.catch(() => {})
  return over
}

/** Who is there says so at once: then it is over, and need not be shown as if it were not, ms. */
const soonMs = 2_000

/** Resolves when it is over, or nobody is there who could end it soon. */
export function endedSoon(transfer: Transfer): Promise<void> {
  if (transfer.isOver) return Promise.resolve()
  return new Promise((resolve) => {
    const done = () => {
      transfer.off('state', look)
      clearTimeout(timer)
      resolve()
    }
    const look = () => {
      if (transfer.isOver) done()
    }
    const timer = setTimeout(done, soonMs)
    transfer.on('state', look)
  })
}
