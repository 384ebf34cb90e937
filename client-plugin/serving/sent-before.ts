/**
 * Requests for what we have sent or offered to the very peer before: answered by itself, from the same file (docs/protocol.md,
 * "Asking again").
 *
 * Rules: by its root only, never by a name; not what we took back, and not what was shared: who may see a share is the share's business
 * (P11); a file that is not what it was is hashed again, one at a time, and counts only with the same root; peers take turns, and
 * what was hashed for one question is not hashed for the next.
 */

import { openSource, type Source, sourceUnchanged } from '../../bytes/index.js'
import type { Journal } from '../journal/journal.js'
import type { TransferRecord } from '../journal/record.js'
import { isUnanswered, refuse } from '../proposal/front.js'
import type { SendingTransfer } from '../transfer/sending.js'
import { KnownRoots } from './known-roots.js'
import { Slots } from './slots.js'

/** Of all peers together; the component takes 16 open requests of one to us. */
const mostWaiting = 96

export interface SentBeforeAround {
  readonly journal: Pick<Journal, 'sentTo'>
  accepted(transfer: SendingTransfer): void
  /** It is not there any more: whoever else answers requests is to. */
  notThere(transfer: SendingTransfer): void
  fault(error: unknown): void
}

export class SentBefore {
  /** One file is looked at after the other, and of no peer many before the others have had a turn. */
  readonly #turns = new Slots<SendingTransfer>({ all: 1, perPeer: 1, waiting: mostWaiting })
  readonly #before = new WeakMap<SendingTransfer, TransferRecord>()
  readonly #known = new KnownRoots()
  readonly #looked = new WeakSet<SendingTransfer>()

  constructor(readonly around: SentBeforeAround) {}

  /** @returns whether it is looked into; asked once more about the same, it is not */
  takes(transfer: SendingTransfer): boolean {
    const { asked, peer, share } = transfer.record
    if (asked?.root === undefined || share !== undefined || this.#looked.has(transfer)) return false
    const sent = this.around.journal.sentTo(peer, asked.root)
    const before = sent.find((each) => mayHaveAgain(each, sent))
    if (before === undefined) return false
    this.#looked.add(transfer)
    this.#before.set(transfer, before)
    const turn = this.#turns.ask(transfer, peer)
    if (turn === 'served') void this.#serve(transfer)
    else if (turn === 'full') refuse(transfer)
    return true
  }

  async #serve(transfer: SendingTransfer): Promise<void> {
    await this.#answer(transfer, this.#before.get(transfer)!)
    for (const next of this.#turns.leave(transfer)) void this.#serve(next)
  }

  async #answer(transfer: SendingTransfer, before: TransferRecord): Promise<void> {
    try {
      const source = isUnanswered(transfer.record) ? await sameFile(before, this.#known) : undefined
      if (!isUnanswered(transfer.record)) source?.close()
      else if (source === undefined) this.around.notThere(transfer)
      else {
        transfer.keep(source)
        const { filesize, identity, path } = source
        const isAccepted = transfer.answerWith({
          filesize,
          root: before.root!,
          source: { path, identity },
        })
        if (isAccepted) this.around.accepted(transfer)
      }
    } catch (error) {
      this.around.fault(error)
    }
  }
}

/**
 * What we took back is not to be had any more, nor what a device began of it and did not finish; what is shared is had as it is
 * shared.
 */
function mayHaveAgain(record: TransferRecord, all: readonly TransferRecord[]): boolean {
  const { share, source, partOf, phase } = record
  const whole = phase === 'complete' ? undefined : all.find(({ n }) => n === partOf)
  const isThere = source !== undefined && share === undefined
  return isThere && !isTakenBack(record) && !(whole && isTakenBack(whole))
}

function isTakenBack({ phase, saying, closed, trouble }: TransferRecord): boolean {
  const isWished = phase === 'aborting' || saying?.action === 'abort'
  const isAborted = phase === 'aborted' || (phase !== 'complete' && closed === 'aborted')
  return (isWished || isAborted) && trouble !== 'aborted-by-peer'
}

/** The file as it was sent, open; none where it is another now, or gone. */
async function sameFile(
  { source: mark, root, filesize }: TransferRecord,
  known: KnownRoots,
): Promise<Source | undefined> {
  let source: Source
  try {
    source = await openSource(mark!.path)
  } catch {
    return undefined
  }
  try {
    if (await sourceUnchanged(mark!.identity, mark!.path)) return source
    if (source.filesize === filesize && (await known.rootOf(source)) === root) return source
  } catch {
    // As good as gone.
  }
  source.close()
  return undefined
}
