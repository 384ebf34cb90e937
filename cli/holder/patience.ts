/** How long a command waits for the other side. When it has waited enough, the transfer is left as it stands, and not followed any more. */
import type { FileTransferError, Transfer, TransferState } from '../../client-plugin/index.js'
import { CommandFailed } from '../failure.js'

/** The other side is there, and it comes on, or will in its turn. */
const comesOn: ReadonlySet<TransferState> = new Set(['moving', 'queued'])

/** Ends the waiting for an answer: rejects when there is none in time; pending for ever where there is. */
export function unanswered(transfer: Transfer, seconds: number): Promise<never> {
  return whenOver(transfer, (reject) => {
    const over = () => {
      if (transfer.state === 'proposed') reject(noAnswer(transfer))
    }
    // It is the connection that keeps the program running.
    const timer = setTimeout(over, seconds * 1_000).unref()
    return () => clearTimeout(timer)
  })
}

/** Ends the waiting for the other side of what was begun: rejects when nothing has moved for so long. */
export function unmoved(transfer: Transfer, seconds: number): Promise<never> {
  return whenOver(transfer, (reject) => {
    let timer: NodeJS.Timeout | undefined
    const over = () => reject(transfer.state === 'proposed' ? noAnswer(transfer) : nobodyThere(transfer))
    const look = (state: TransferState, why?: FileTransferError) => {
      // Each try for a connection, in between, is no sign of anybody.
      if (comesOn.has(state)) {
        clearTimeout(timer)
        timer = undefined
      } else if (why?.code !== 'no-space') timer ??= setTimeout(over, seconds * 1_000).unref()
    }
    transfer.on('state', look)
    look(transfer.state, transfer.trouble)
    return () => {
      transfer.off('state', look)
      clearTimeout(timer)
    }
  })
}

/** @param begin begins to wait, and gives what ends that */
function whenOver(transfer: Transfer, begin: (reject: (why: CommandFailed) => void) => () => void) {
  const over = new Promise<never>((_, reject) => {
    const end = begin(reject)
    transfer.finished.then(end, end)
  })
  // It may be followed no more by then.
  over.catch(() => {})
  return over
}

function noAnswer({ peer, key, direction, trouble }: Transfer): CommandFailed {
  const stands =
    direction === 'sending'
      ? 'The offer stands: `jabberfs serve` sends it when they accept'
      : 'It stays asked for: `jabberfs serve` gets it when they answer'
  return new CommandFailed(
    'unanswered',
    trouble?.code === 'no-space-there' ? `${peer} has no room for it yet.` : `${peer} has not answered yet.`,
    `${stands}, \`jabberfs abort ${key}\` takes it back.`,
  )
}

function nobodyThere({ peer }: Transfer): CommandFailed {
  return new CommandFailed(
    'unreachable',
    `${peer} is not there, or has not gone on with it.`,
    'Ask them to run `jabberfs resume`, `receive` or `serve`.',
  )
}
