/**
 * One request of several for a content, watched to its end: it is complete, it ended otherwise, or it stands still for
 * longer than a source may keep us waiting.
 */

import type { Progress, TransferState } from '../api.js'
import type { FileTransferError } from '../errors.js'
import { localTrouble } from '../transfer/local-trouble.js'
import type { ReceivingTransfer } from '../transfer/receiving.js'

export type Outcome = { is: 'complete' } | { is: 'ended'; why: FileTransferError } | { is: 'left' }

export interface Watched {
  state(state: TransferState, why: FileTransferError | undefined): void
  progress(progress: Progress): void
  place(place: number): void
  /** It stands still: whether to leave it. */
  stuck(): Promise<boolean>
  /** How long it may stand still at most before it is asked again, ms. */
  longestWaitMs(): number
}

/** How much longer the next wait is when there was nobody else to ask. */
const patience = 2

/** Watches until there is an outcome. Rejects with the signal's reason. */
export async function watch(
  transfer: ReceivingTransfer,
  watched: Watched,
  deadlineMs: number,
  signal: AbortSignal,
): Promise<Outcome> {
  const over = new AbortController()
  const onState = (state: TransferState, why: FileTransferError | undefined) => watched.state(state, why)
  const onProgress = (progress: Progress) => watched.progress(progress)
  const onPlace = (place: number) => watched.place(place)
  const { inside } = transfer
  inside.on('state', onState).on('progress', onProgress).on('queue', onPlace)
  try {
    onState(transfer.state, transfer.trouble)
    return await Promise.race([
      transfer.finished.then(
        (): Outcome => ({ is: 'complete' }),
        (why: unknown): Outcome => ({ is: 'ended', why: localTrouble(why) }),
      ),
      stillness(transfer, watched, deadlineMs, over.signal),
      rejection(signal, over.signal),
    ])
  } finally {
    over.abort()
    inside.off('state', onState).off('progress', onProgress).off('queue', onPlace)
  }
}

/** Resolves when the transfer is to be left because it stands still; until then, or for ever, not at all. */
function stillness(
  transfer: ReceivingTransfer,
  { stuck, longestWaitMs }: Watched,
  deadlineMs: number,
  over: AbortSignal,
): Promise<Outcome> {
  return new Promise((resolve) => {
    let timer: NodeJS.Timeout | undefined
    let waitMs = deadlineMs
    const due = async () => {
      const isLeft = await stuck().catch(() => false)
      if (over.aborted) return
      if (isLeft) resolve({ is: 'left' })
      else if (!moves(transfer.state)) {
        waitMs = Math.max(deadlineMs, Math.min(waitMs * patience, longestWaitMs()))
        timer = setTimeout(due, waitMs)
      } else timer = undefined
    }
    const onState = () => {
      if (moves(transfer.state)) {
        clearTimeout(timer)
        timer = undefined
        waitMs = deadlineMs
      } else timer ??= setTimeout(due, waitMs)
    }
    transfer.inside.on('state', onState)
    over.addEventListener('abort', () => {
      clearTimeout(timer)
      transfer.inside.off('state', onState)
    })
    onState()
  })
}

const moves = (state: TransferState): boolean => state === 'moving'

function rejection(signal: AbortSignal, over: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const abort = () => reject(signal.reason)
    if (signal.aborted) abort()
    signal.addEventListener('abort', abort, { once: true })
    over.addEventListener('abort', () => signal.removeEventListener('abort', abort))
  })
}
