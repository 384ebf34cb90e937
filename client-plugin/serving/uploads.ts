/**
 * Requests for what is shared, answered by the plugin itself: looked up in its own list, served within slots, kept in a
 * queue whose places are told (docs/protocol.md, "Shared files").
 *
 * Rules: our own rule is applied whenever a turn comes, not only when the request did (P11); a slot belongs to what moves:
 * a transfer that stands still for a while gives it back, and asks again with its next attempt.
 */

import { passingCode } from '../../bytes/index.js'
import { FileTransferError } from '../errors.js'
import { isUnanswered } from '../proposal/front.js'
import { localTrouble } from '../transfer/local-trouble.js'
import { Patience } from '../transfer/patience.js'
import type { SendingTransfer } from '../transfer/sending.js'
import { partOfSlot } from './part-of-slot.js'
import { declineAs, notSharedAnyMore } from './refusing.js'
import { type Shelf, type Shelved, takeFrom } from './shelf.js'
import { Slots } from './slots.js'
import { Telling } from './telling.js'

/** Who waits beside those who are served. The component takes 128 open requests to one peer: some are left to others. */
const mostWaiting = 96
/** A transfer between two attempts keeps its slot so long, ms. */
const restMs = 20_000
/** When what failed here is tried again, ms. */
const againMs = 5_000

export interface UploadOptions {
  /** Served at once, and of one peer. */
  all: number
  perPeer: number
  shelf(): Shelf
  /** Says a place; it may get lost. */
  sayPlace(transfer: SendingTransfer, place: number): void
  accepted(transfer: SendingTransfer): void
  report(trouble: FileTransferError): void
}

export class Uploads {
  readonly #slots: Slots<SendingTransfer>
  readonly #telling: Telling<SendingTransfer>
  readonly #resting = new Map<SendingTransfer, NodeJS.Timeout>()
  /** Of requests for what could not be looked at. */
  readonly #patience = new WeakMap<SendingTransfer, Patience>()
  #stopped = false

  constructor(readonly options: UploadOptions) {
    const { all, perPeer } = options
    this.#slots = new Slots({ all, perPeer, waiting: mostWaiting })
    this.#telling = new Telling((transfer, place) => {
      transfer.showPlace(place)
      options.sayPlace(transfer, place)
    })
  }

  /** A request that came in, or waited in the journal. */
  take(transfer: SendingTransfer): void {
    if (this.#stopped || !isUnanswered(transfer.record) || this.#slots.has(transfer)) return
    try {
      this.#look(transfer)
    } catch (error) {
      this.#failed(transfer, error)
    }
  }

  #look(transfer: SendingTransfer): void {
    const { share, path } = transfer.record
    const shelf = this.options.shelf()
    const isShared = this.#isShared(transfer)
    const shelved = isShared ? shelf.find(share!, path!) : undefined
    if (!isShared) declineAs('not-found', transfer)
    else if (shelved !== undefined) this.#place(transfer, shelved)
    else {
      // Published, as the component sees it: the list is to look again, and what it says then counts.
      shelf
        .lookAgain(share!, path!)
        .then(() => this.#lookedAgain(transfer))
        .catch((error) => this.#failed(transfer, error))
    }
  }

  #lookedAgain(transfer: SendingTransfer): void {
    const { share, path } = transfer.record
    if (this.#stopped) return
    const shelved = this.options.shelf().find(share!, path!)
    if (shelved === undefined) declineAs('not-found', transfer)
    else this.#place(transfer, shelved)
  }

  /** Serves it, or has it wait. */
  #place(transfer: SendingTransfer, { identity }: Shelved): void {
    if (!isUnanswered(transfer.record) || this.#slots.has(transfer)) return
    const given = this.#slots.ask(transfer, transfer.peer, partOfSlot(identity.size))
    if (given === 'served') void this.#serve(transfer)
    else if (given === 'full') declineAs('policy', transfer)
    else this.#waits(transfer)
  }

  /** An attempt of a transfer that runs: whether it may move now. If not, it waits, and is told when it may. */
  admit(transfer: SendingTransfer): 'now' | 'later' | 'never' {
    if (!this.#isShared(transfer)) return 'never'
    clearTimeout(this.#resting.get(transfer))
    this.#resting.delete(transfer)
    const given = this.#slots.ask(transfer, transfer.peer, partOfSlot(transfer.filesize))
    if (given === 'served') return 'now'
    if (given === 'waits') this.#waits(transfer)
    return 'later'
  }

  /** An attempt has ended. */
  rests(transfer: SendingTransfer): void {
    if (this.#stopped || !this.#slots.has(transfer)) return
    clearTimeout(this.#resting.get(transfer))
    const timer = setTimeout(() => this.over(transfer), restMs)
    timer.unref()
    this.#resting.set(transfer, timer)
  }

  /** It needs no slot any more. */
  over(transfer: SendingTransfer): void {
    clearTimeout(this.#resting.get(transfer))
    this.#resting.delete(transfer)
    if (!this.#slots.has(transfer)) return
    const next = this.#slots.leave(transfer)
    if (this.#stopped) return
    for (const each of next) this.#turnOf(each)
    this.#telling.look(this.#slots.queue())
  }

  /** What is shared, or with whom, has changed: nothing goes on that may not. */
  sharesChanged(): void {
    for (const transfer of this.#slots.all()) {
      if (this.#isShared(transfer)) continue
      if (isUnanswered(transfer.record)) declineAs('not-found', transfer)
      else notSharedAnyMore(transfer)
    }
  }

  /** We are logged in again: what was told may have got lost. */
  tellAgain(): void {
    this.#telling.again(this.#slots.queue())
  }

  stop(): void {
    this.#stopped = true
    this.#telling.stop()
    for (const timer of this.#resting.values()) clearTimeout(timer)
    this.#resting.clear()
  }

  /** Whether the share is there, and is for who asks (P11). */
  #isShared({ record: { share, peer } }: SendingTransfer): boolean {
    return this.options.shelf().visibleTo(share!, peer)
  }

  #waits(transfer: SendingTransfer): void {
    transfer.show('queued')
    this.#telling.soon(transfer, this.#slots.queue())
  }

  /** A place is free for one that waited. */
  #turnOf(transfer: SendingTransfer): void {
    if (isUnanswered(transfer.record)) void this.#serve(transfer)
    else {
      transfer.nudge()
      this.rests(transfer)
    }
  }

  async #serve(transfer: SendingTransfer): Promise<void> {
    const { share, path } = transfer.record
    try {
      const taken = this.#isShared(transfer) ? await takeFrom(this.options.shelf(), share!, path!) : undefined
      if (taken === undefined || this.#stopped || !isUnanswered(transfer.record)) {
        taken?.source.close()
        if (taken === undefined && !this.#stopped) declineAs('not-found', transfer)
        return
      }
      const { source, file, root } = taken
      transfer.keep(source)
      const isAccepted = transfer.answerWith({
        filesize: source.filesize,
        root,
        source: { path: file, identity: source.identity },
      })
      if (isAccepted) this.options.accepted(transfer)
      else this.over(transfer)
    } catch (error) {
      this.over(transfer)
      transfer.forgetSource()
      this.#failed(transfer, error)
    }
  }

  /** A journal or a list that cannot be used now can be later. */
  #failed(transfer: SendingTransfer, error: unknown): void {
    if (this.#stopped) return
    const code = passingCode(error)
    if (code !== undefined) {
      this.#cannotLook(transfer, new FileTransferError('io', code, { cause: error }))
      return
    }
    this.options.report(localTrouble(error))
    setTimeout(() => this.take(transfer), againMs).unref()
  }

  /** Whoever asked waits: it is there, and may be looked at in a moment. */
  #cannotLook(transfer: SendingTransfer, why: FileTransferError): void {
    let patience = this.#patience.get(transfer)
    if (patience === undefined) {
      this.options.report(why)
      patience = new Patience()
      this.#patience.set(transfer, patience)
    }
    const ms = patience.waitMs()
    if (ms === undefined) declineAs('not-found', transfer)
    else setTimeout(() => this.take(transfer), ms).unref()
  }
}
