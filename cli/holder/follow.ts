/** Follows one transfer to the end of its run and reports what happens. */
import type {
  CounterOffer,
  FileTransferError,
  Progress,
  Transfer,
  TransferState,
} from '../../client-plugin/index.js'
import { FileTransferError as PluginError } from '../../client-plugin/index.js'
import { exitOf, exits } from '../exit-codes.js'
import { troubleOf } from '../failure.js'
import type { Conversation } from './conversation.js'
import { named, troubleField } from './naming.js'

const unanswered: ReadonlySet<TransferState> = new Set(['proposed', 'countered'])

/** @returns the exit code that this transfer alone would give. */
export async function follow(
  transfer: Transfer,
  conversation: Conversation,
  options: { other?: 'take' | 'block' | 'ask' } = {},
): Promise<number> {
  const { report } = conversation
  const onProgress = (progress: Progress) => {
    const { bytes, total, rate, secondsLeft, resumedFrom, attempt, path } = progress
    report({
      report: 'progress',
      ...named(transfer),
      bytes,
      total,
      bytesPerSecond: Math.round(rate),
      ...(secondsLeft === undefined ? {} : { secondsLeft }),
      resumedFrom,
      attempt,
      ...(path ? { path } : {}),
    })
  }
  const onState = (state: TransferState, why: FileTransferError | undefined) => {
    const place =
      state === 'queued' && transfer.queuePlace !== undefined ? { place: transfer.queuePlace } : {}
    report({ report: 'state', ...named(transfer), state, ...place, ...troubleField(why) })
  }
  const onQueue = () => onState(transfer.state, undefined)
  const onCounter = (counter: CounterOffer) => answerCounter(transfer, counter, conversation, options.other)
  let leave: (why: PluginError) => void = () => {}
  const left = new Promise<never>((_resolve, reject) => {
    leave = reject
  })
  const stopHearing = conversation.onRemark((remark) => {
    if (remark.remark !== 'pause') return
    transfer.pause().catch(() => {
      // What nobody answered yet cannot be paused: it stands, and is followed no more.
      if (unanswered.has(transfer.state)) leave(new PluginError('stopped'))
    })
  })
  transfer.on('progress', onProgress)
  transfer.on('state', onState)
  transfer.on('counter', onCounter)
  transfer.on('queue', onQueue)
  onState(transfer.state, transfer.trouble)
  try {
    const { path, root, bytes, bytesMoved, wasThere } = await Promise.race([transfer.finished, left])
    report({
      report: 'finished',
      ...named(transfer),
      path,
      root,
      bytes,
      bytesMoved,
      ...(wasThere ? { wasThere } : {}),
    })
    return exits.done.exit
  } catch (error) {
    const trouble = troubleOf(error)
    const resumable = error instanceof PluginError && error.resumable
    report({ report: 'failed', ...named(transfer), ...trouble, state: transfer.state, resumable })
    return exitOf(trouble.code)
  } finally {
    stopHearing()
    transfer.off('progress', onProgress)
    transfer.off('state', onState)
    transfer.off('counter', onCounter)
    transfer.off('queue', onQueue)
  }
}

function answerCounter(
  transfer: Transfer,
  counter: CounterOffer,
  { report, onRemark }: Conversation,
  other: 'take' | 'block' | 'ask' = 'block',
): void {
  const offered = { offered: counter.filename, offeredSize: counter.filesize }
  report({ report: 'counter', ...named(transfer), ...offered, asked: other === 'ask' })
  // What fails here shows in the transfer's own state.
  const answer = (take: boolean) => (take ? counter.accept() : counter.block()).catch(() => {})
  if (other !== 'ask') {
    answer(other === 'take')
    return
  }
  const stop = onRemark((remark) => {
    if (remark.remark !== 'answer' || remark.to !== transfer.key) return
    stop()
    answer(remark.accept)
  })
}
