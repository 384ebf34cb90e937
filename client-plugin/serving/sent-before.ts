/**
 * Requests for what we have sent or offered to the very peer before: answered by itself, from the same file (docs/protocol.md,
 * "Asking again").
 *
 * Rules: by its root only, never by a name; not what we took back, and not what was shared: who may see a share is the share's business
 * (P11); a file that is not what it was is hashed again, one at a time, and counts only with the same root; peers take turns, and
 * what was hashed for one question is not hashed for the next; what cannot be looked at just now is looked at again, for two minutes.
 */

import { openSource, passingCode, type Source, stillLooksSame } from '../../bytes/index.js'
import type { Journal } from '../journal/journal.js'
import type { TransferRecord } from '../journal/record.js'
import { isUnanswered, refuse } from '../proposal/front.js'
import { Patience } from '../transfer/patience.js'
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
  /** Nothing is looked at any more. */
  readonly stopped: AbortSignal
}

export class SentBefore {
  /** One file is looked at after the other, and of no peer many before the others have had a turn. */
  readonly #turns = new Slots<SendingTransfer>({ all: 1, perPeer: 1, waiting: mostWaiting })
  readonly #before = new WeakMap<SendingTransfer, TransferRecord>()
  readonly #patience = new WeakMap<SendingTransfer, Patience>()
  /** Those that are looked at again by themselves. */
  readonly #later = new WeakSet<SendingTransfer>()
  readonly #known = new KnownRoots()
  readonly #looked = new WeakSet<SendingTransfer>()

  constructor(readonly around: SentBeforeAround) {}

  /** @returns whether it is looked into; asked once more about the same, it is not */
  takes(transfer: SendingTransfer): boolean {
    if (this.#later.has(transfer)) return true
    const { asked, peer, share } = transfer.record
    if (asked?.root === undefined || share !== undefined || this.#looked.has(transfer)) return false
    const sent = this.around.journal.sentTo(peer, asked.root)
    const before = sent.find((each) => mayHaveAgain(each, sent))
    if (before === undefined) return false
    this.#looked.add(transfer)
    this.#before.set(transfer, before)
    this.#ask(transfer)
    return true
  }

  #ask(transfer: SendingTransfer): void {
    const turn = this.#turns.ask(transfer, transfer.record.peer)
    if (turn === 'served') void this.#serve(transfer)
    else if (turn === 'full') refuse(transfer)
  }

  #askAgain(transfer: SendingTransfer): void {
    this.#later.delete(transfer)
    if (!this.around.stopped.aborted) this.#ask(transfer)
  }

  async #serve(transfer: SendingTransfer): Promise<void> {
    await this.#answer(transfer, this.#before.get(transfer)!)
    for (const next of this.#turns.leave(transfer)) void this.#serve(next)
  }

  async #answer(transfer: SendingTransfer, before: TransferRecord): Promise<void> {
    try {
      const source = isUnanswered(transfer.record) ? await this.#look(transfer, before) : undefined
      if (source === 'later') return
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

  /** As `sameFile`; later where it may be looked at in a moment. */
  async #look(transfer: SendingTransfer, before: TransferRecord): Promise<Source | 'later' | undefined> {
    try {
      return await sameFile(before, this.#known)
    } catch (error) {
      if (passingCode(error) === undefined) return undefined
      const patience = this.#patience.get(transfer) ?? new Patience()
      this.#patience.set(transfer, patience)
      const ms = patience.waitMs()
      if (ms === undefined) return undefined
      this.#later.add(transfer)
      setTimeout(() => this.#askAgain(transfer), ms).unref()
      return 'later'
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

/** The file as it was sent, open; none where it is another now. Rejects where it is gone, or cannot be looked at. */
async function sameFile(
  { source: mark, root, filesize }: TransferRecord,
  known: KnownRoots,
): Promise<Source | undefined> {
  const source = await openSource(mark!.path)
  let isSame = false
  try {
    isSame =
      (await stillLooksSame(mark!.identity, mark!.path)) ||
      (source.filesize === filesize && (await known.rootOf(source)) === root)
  } finally {
    if (!isSame) source.close()
  }
  return isSame ? source : undefined
}
