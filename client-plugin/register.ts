/** Every transfer in memory, by the names it may be called: all that are unfinished, and the last that ended. */

import type { Journal } from './journal/journal.js'
import { isEnd, type TransferRecord } from './journal/record.js'
import type { AnyTransfer, Bound } from './transfer/kinds.js'
import { clearLeftParts, forgetOld } from './transfer/left-parts.js'
import { ReceivingTransfer } from './transfer/receiving.js'
import { SendingTransfer } from './transfer/sending.js'
import { SpreadTransfer } from './transfer/spread.js'
import type { Surroundings } from './transfer/surroundings.js'
import { warmUpSoon } from './transfer/warming.js'

/** Transfers that ended are kept in memory up to this number. */
const endedKept = 1_000
/** After so many new ones the journal is cleared of what is old or too much, with the part files that were left; and after so long, ms. */
const addedBetweenClearings = 500
const betweenClearingsMs = 3_600_000

export class Register {
  readonly #all = new Map<number, AnyTransfer>()
  readonly #bySid = new Map<string, AnyTransfer>()
  readonly #byOwnId = new Map<string, AnyTransfer>()
  /** Those that the journal held unfinished of what is got from whoever has it (getting/). */
  readonly pursuits: TransferRecord[] = []
  #added = 0
  #clearedAt = 0

  constructor(
    readonly around: Surroundings,
    /** Told which transfers are not in memory any more, by number. */
    readonly onForgotten: (n: number) => void,
  ) {
    this.#clearJournal()
    for (const record of this.#journal.unfinished()) {
      if (this.#all.has(record.n)) continue
      if (record.pursuit === undefined) this.#enter(record)
      else this.pursuits.push(record)
    }
  }

  get #journal(): Journal {
    return this.around.journal
  }

  /** Oldest first. */
  all(): AnyTransfer[] {
    return [...this.#all.values()]
  }

  /** Those that are between two devices, oldest first. */
  bound(): Bound[] {
    return this.all().filter((transfer): transfer is Bound => !(transfer instanceof SpreadTransfer))
  }

  /** At each login, and now and then: what waits may wait for a word that nobody will say any more. */
  wakeAll(): void {
    if (performance.now() - this.#clearedAt > betweenClearingsMs) this.#clearJournal()
    for (const transfer of this.all()) {
      transfer.expireIfOld()
      transfer.wake()
    }
  }

  /** Journals a new transfer, together with `others` as they are now. @throws JournalFailed */
  add(record: Omit<TransferRecord, 'n'>, ...others: TransferRecord[]): AnyTransfer {
    if (++this.#added % addedBetweenClearings === 0) this.#clearJournal()
    return this.#enter(this.#journal.add(record, ...others))
  }

  /** Journals what is to be got from whoever has it. @throws JournalFailed */
  addPursuit(record: Omit<TransferRecord, 'n'>): TransferRecord {
    return this.#journal.add(record)
  }

  /** The last request that was made for such a one, of those that fit. */
  lastRequestOf(
    pursuit: number,
    fits: (record: TransferRecord) => boolean = () => true,
  ): ReceivingTransfer | undefined {
    const last = this.#journal.partsOf(pursuit).findLast(fits)
    return last && (this.known(last) as ReceivingTransfer)
  }

  /** By sid or by the id of an own proposal, of those in memory. */
  named(key: string): AnyTransfer | undefined {
    return this.#bySid.get(key) ?? this.#byOwnId.get(key)
  }

  /** Also of those that ended and are only in the journal. */
  bySid(sid: string): AnyTransfer | undefined {
    return this.#bySid.get(sid) ?? this.#remembered(this.#journal.bySid(sid))
  }

  byOwnId(id: string): AnyTransfer | undefined {
    return this.#byOwnId.get(id) ?? this.#remembered(this.#journal.byOwnId(id))
  }

  /** The transfer of a record that the journal has. */
  known(record: TransferRecord): AnyTransfer {
    return this.#all.get(record.n) ?? this.#enter(record)
  }

  /** The sid of an own proposal is known now. */
  hasSid(transfer: AnyTransfer): void {
    this.#bySid.set(transfer.record.sid!, transfer)
  }

  #enter(record: TransferRecord): AnyTransfer {
    const Kind = record.every
      ? SpreadTransfer
      : record.direction === 'sending'
        ? SendingTransfer
        : ReceivingTransfer
    const transfer = new Kind(this.around, record)
    this.#all.set(record.n, transfer)
    if (!isEnd(record.phase)) warmUpSoon(this.around.identity)
    if (record.sid !== undefined) this.#bySid.set(record.sid, transfer)
    if (record.authored) this.#byOwnId.set(record.id, transfer)
    this.#forgetSome()
    if (transfer instanceof SpreadTransfer) this.#enterParts(record.n)
    const whole = record.partOf === undefined ? undefined : this.#all.get(record.partOf)
    if (whole instanceof SpreadTransfer && transfer instanceof SendingTransfer) whole.join(transfer)
    return transfer
  }

  /** What devices have of an offer to every one; those that ended are shown with it too. */
  #enterParts(n: number): void {
    for (const record of this.#journal.partsOf(n)) if (!this.#all.has(record.n)) this.#enter(record)
  }

  /** Others' offers come without end while the program runs, and it may run for months. */
  #clearJournal(): void {
    this.#clearedAt = performance.now()
    try {
      clearLeftParts(this.#journal, Date.now())
      forgetOld(this.#journal, Date.now())
    } catch {
      // A disk that takes nothing now: there is a next time.
    }
  }

  #remembered(record: TransferRecord | undefined): AnyTransfer | undefined {
    return record === undefined || record.pursuit !== undefined ? undefined : this.#enter(record)
  }

  #forgetSome(): void {
    if (this.#all.size <= 2 * endedKept) return
    const ended = this.all().filter(({ record }) => isEnd(record.phase) && record.saying === undefined)
    for (const { record } of ended.slice(0, -endedKept)) {
      this.#all.delete(record.n)
      if (record.sid !== undefined) this.#bySid.delete(record.sid)
      if (record.authored) this.#byOwnId.delete(record.id)
      this.onForgotten(record.n)
    }
  }
}
