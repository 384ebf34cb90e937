/** Follows one transfer to the end of its run and reports what happens. */
import type {
  CounterOffer,
  FileTransfer,
  FileTransferError,
  Progress,
  Transfer,
  TransferState,
} from '../../client-plugin/index.js'
import { FileTransferError as PluginError } from '../../client-plugin/index.js'
import { exitOf, exits } from '../exit-codes.js'
import { CommandFailed, troubleOf } from '../failure.js'
import type { Trouble } from '../words.js'
import { abortingForLong } from './aborting.js'
import type { Conversation } from './conversation.js'
import { askAboutDevice } from './device-question.js'
import { hasOneMore, unknownOnes } from './every-device.js'
import { named, reportLeft, troubleField } from './naming.js'

const followed = new WeakSet<Transfer>()

const unlooked: ReadonlySet<TransferState> = new Set(['declined', 'expired'])

/** An offer, or a request, that got no, or was not answered in time, while nobody looked: that is still to be said. */
export const isEndUnsaid = (transfer: Transfer): boolean =>
  unlooked.has(transfer.state) && !followed.has(transfer)

/** @returns the exit code that this transfer alone would give. */
export async function follow(
  transfer: Transfer,
  conversation: Conversation,
  options: {
    other?: 'take' | 'block' | 'ask'
    files?: Pick<FileTransfer, 'trust' | 'device' | 'left'>
    patience?: Promise<never>
  } = {},
): Promise<number> {
  followed.add(transfer)
  const { report } = conversation
  let shown = ''
  const onProgress = (progress: Progress) => {
    const { bytes, total, rate, secondsLeft, resumedFrom, attempt, path } = progress
    // Where no byte came since, there is nothing new to say; nor after `complete`: `finished` says how many there are.
    const stand = JSON.stringify([bytes, total, resumedFrom, attempt, path])
    if (stand === shown || transfer.state === 'complete') return
    shown = stand
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
  const over = new AbortController()
  let leave: (why: PluginError) => void = () => {}
  const left = new Promise<never>((_resolve, reject) => {
    leave = reject
  })
  const stopHearing = conversation.onRemark((remark) => {
    if (remark.remark !== 'pause') return
    transfer.pause().catch(() => {
      // What nobody answered yet, also where it waits in a queue for that, cannot be paused: it stands, and is followed no more. Nor
      // can what only awaits its end. What has come as a whole ends by itself at once.
      if (transfer.state !== 'moving') leave(new PluginError('stopped'))
    })
  })
  transfer.on('progress', onProgress)
  transfer.on('state', onState)
  transfer.on('counter', onCounter)
  transfer.on('queue', onQueue)
  // As a program finds it when it begins; that is nobody's pause, and what it comes to follows.
  const isJustTakenUp = transfer.state === 'paused' && transfer.trouble === undefined
  if (!isJustTakenUp) onState(transfer.state, transfer.trouble)
  try {
    const { files } = options
    const asked = new Set<string>()
    const isToldOf = () => files !== undefined && askAboutDevice(transfer, asked, files, conversation)
    const aborting = abortingForLong(transfer, over.signal)
    const ends = [
      finishedWith(transfer, isToldOf),
      left,
      aborting,
      ...(options.patience ? [options.patience] : []),
    ]
    const done = await Promise.race(ends)
    const { path, root, bytes, bytesMoved, wasThere } = done
    report({
      report: 'finished',
      ...named(transfer),
      path,
      root,
      bytes,
      bytesMoved,
      ...(wasThere ? { wasThere } : {}),
      ...(transfer.parts.length > 0 && !transfer.isOver ? { stands: true as const } : {}),
    })
    return exits.done.exit
  } catch (error) {
    const trouble = namingPeer(troubleOf(error), transfer)
    // What this command has only waited for long enough stands as it stood.
    const resumable = (error instanceof PluginError && error.resumable) || error instanceof CommandFailed
    report({ report: 'failed', ...named(transfer), ...trouble, state: transfer.state, resumable })
    if (options.files !== undefined) reportLeft(transfer, options.files, report)
    return exitOf(trouble.code)
  } finally {
    over.abort()
    stopHearing()
    transfer.off('progress', onProgress)
    transfer.off('state', onState)
    transfer.off('counter', onCounter)
    transfer.off('queue', onQueue)
  }
}

/** The end of a transfer; where it stops before a device that is not known, and `ask` finds whom to ask, of what follows. */
async function finishedWith(
  transfer: Transfer,
  ask: () => false | Promise<boolean>,
): Promise<Awaited<Transfer['finished']>> {
  for (;;) {
    try {
      const done = await transfer.finished
      if (!(await hasOneMore(transfer))) return done
    } catch (error) {
      const isUnknown = error instanceof PluginError && error.code === 'unknown-device'
      if (!isUnknown || !((await ask()) || (await hasOneMore(transfer)))) throw error
    }
  }
}

/** What to do about a device is a command that names the person. */
function namingPeer(trouble: Trouble, transfer: Transfer): Trouble {
  if (trouble.code !== 'unknown-device') return trouble
  const { peer, parts } = transfer
  if (parts.length > 0) return unknownOnes(transfer, trouble)
  const todo = `\`jabberfs devices ${peer}\` shows its digits; ask whether it is theirs, and type \`jabberfs trust ${peer}\`.`
  return { ...trouble, todo }
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
