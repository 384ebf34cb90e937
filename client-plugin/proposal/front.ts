/**
 * What is shown to the user of what others propose: offers, requests, other files put forward; so many at once of contacts, and
 * as many of others, the rest is declined. What comes from whom is not welcome is neither shown nor answered; it is looked at again when that changes.
 */

import type { AcceptOptions, Offer, Request } from '../api.js'
import type { Welcome } from '../contacts/welcome.js'
import { FileTransferError } from '../errors.js'
import { contentThere } from '../getting/there.js'
import type { TransferRecord } from '../journal/record.js'
import type { AnyTransfer, Bound } from '../transfer/kinds.js'
import type { OpeningWords } from '../transfer/opening-words.js'
import { ReceivingTransfer } from '../transfer/receiving.js'
import type { SendingTransfer } from '../transfer/sending.js'
import { IncomingCounter } from './counter-offer.js'
import { demandRoom, leftover } from './destination.js'
import { IncomingOffer } from './incoming-offer.js'
import { IncomingRequest } from './incoming-request.js'

/** How many more are unseen before those that have ended are let go; the component lets only so many wait. */
const unseenBetweenClearings = 64
/**
 * Unseen for each that may be shown, and however few those are: far more than a component lets wait. One that brings more keeps to no
 * bound at all.
 */
const unseenForEachShown = 16
const leastUnseen = 256

/** What counts of a described file. */
export interface FileFacts {
  filesize: number
  root?: string
  mediaType?: string
}

export interface FrontEvents {
  offer(offer: Offer): void
  request(request: Request): void
  /** Whether a request is for what was sent to that peer before: it is answered by itself then. */
  sentBefore(transfer: SendingTransfer): boolean
  /** A request for something shared: it is answered by itself. */
  shared(transfer: SendingTransfer): void
  accepted(transfer: AnyTransfer): void
  /** Whether somebody answers requests. */
  answersRequests(): boolean
}

export class Front {
  readonly #offers = new Map<number, IncomingOffer>()
  readonly #requests = new Map<number, IncomingRequest>()
  /** What is neither shown nor answered, since nobody is to learn that we are here. */
  readonly #unseen = new Map<number, Bound>()
  /** How an own request wants what it gets, should another file be put forward. */
  readonly #wishes = new Map<number, AcceptOptions>()

  constructor(
    readonly events: FrontEvents,
    readonly welcome: Pick<Welcome, 'judge' | 'isBlocked' | 'isContact'>,
    readonly maxPending: number,
  ) {}

  /** Offers that wait for an answer. */
  offers(): Offer[] {
    return [...this.#offers.values()].filter(({ transfer }) => isUnanswered(transfer.record))
  }

  wish(transfer: ReceivingTransfer, options: AcceptOptions): void {
    this.#wishes.set(transfer.record.n, options)
  }

  forget(n: number): void {
    this.#offers.delete(n)
    this.#requests.delete(n)
    this.#wishes.delete(n)
    this.#unseen.delete(n)
  }

  /** Who is welcome is known now, or has changed. */
  lookAgain(): void {
    for (const [n, transfer] of [...this.#unseen]) {
      this.#unseen.delete(n)
      if (!isUnanswered(transfer.record)) continue
      if (transfer instanceof ReceivingTransfer) this.showOffer(transfer)
      else this.showRequest(transfer)
    }
  }

  showOffer(transfer: ReceivingTransfer): void {
    const { n, peer, several } = transfer.record
    if (this.welcome.judge(peer) !== 'welcome') {
      this.#keepUnseen(transfer)
      return
    }
    // One file so far: of several not one is taken without the others.
    if (several || this.#isFull(this.#offers, transfer)) {
      refuse(transfer)
      return
    }
    const accepted = () => {
      this.#offers.delete(n)
      this.events.accepted(transfer)
    }
    const offer = this.#offers.get(n) ?? new IncomingOffer(transfer, this.welcome.isContact(peer), accepted)
    this.#offers.set(n, offer)
    this.events.offer(offer)
  }

  showRequest(transfer: SendingTransfer): void {
    const { n, peer, share } = transfer.record
    // Where nobody answers, only those who may know that we are here hear so.
    if (this.welcome.isBlocked(peer) === false && this.events.sentBefore(transfer)) return
    const answers = share !== undefined || this.events.answersRequests()
    const mayHear = answers ? this.welcome.isBlocked(peer) === false : this.welcome.judge(peer) === 'welcome'
    if (!mayHear) {
      this.#keepUnseen(transfer)
      return
    }
    if (share !== undefined) {
      this.events.shared(transfer)
      return
    }
    if (!answers || this.#isFull(this.#requests, transfer)) {
      refuse(transfer)
      return
    }
    const accepted = () => {
      this.#requests.delete(n)
      this.events.accepted(transfer)
    }
    const request =
      this.#requests.get(n) ?? new IncomingRequest(transfer, this.welcome.isContact(peer), accepted)
    this.#requests.set(n, request)
    this.events.request(request)
  }

  /** Contacts and others have a place each: however many strangers are let in, they keep no contact out. */
  #isFull(shown: Map<number, { transfer: AnyTransfer }>, { record: { n, peer } }: AnyTransfer): boolean {
    for (const [each, { transfer }] of shown) if (!isUnanswered(transfer.record)) shown.delete(each)
    const isContact = this.welcome.isContact(peer)
    const alike = [...shown.values()].filter(
      ({ transfer: { record } }) => this.welcome.isContact(record.peer) === isContact,
    )
    return alike.length >= this.maxPending && !shown.has(n)
  }

  /** Whether so much waits unseen that no more is to be taken (P16). */
  get isFull(): boolean {
    const most = Math.max(leastUnseen, unseenForEachShown * this.maxPending)
    if (this.#unseen.size >= most) this.#clear()
    return this.#unseen.size >= most
  }

  #keepUnseen(transfer: Bound): void {
    this.#unseen.set(transfer.record.n, transfer)
    if (this.#unseen.size % unseenBetweenClearings === 0) this.#clear()
  }

  #clear(): void {
    for (const [n, { record }] of this.#unseen) if (!isUnanswered(record)) this.#unseen.delete(n)
  }

  /** Shows another file that was put forward; where nobody listens for that, it is blocked. */
  showCounter(transfer: ReceivingTransfer): void {
    const { n, destination } = transfer.record
    const { dir: into, filename, onConflict } = destination!
    const counter = new IncomingCounter(transfer, this.#wishes.get(n) ?? { into, filename, onConflict })
    transfer.show('countered')
    if (transfer.listenerCount('counter') > 0) transfer.showCounter(counter)
    else transfer.insist(() => counter.refuse())
  }

  /** A request of ours was accepted, and its first attempt opened. */
  acceptedRequest(transfer: ReceivingTransfer, words: OpeningWords, file: FileFacts): void {
    const { asked, root } = transfer.record
    if (isOther(asked?.filesize, file.filesize) || isOther(asked?.root, file.root)) {
      const why = new FileTransferError('bad-data', 'another file than the one asked for')
      transfer.abortFor('bad-data', why)
      return
    }
    const known = file.root ?? root
    const { filesize } = file
    const { settings } = transfer.around
    // It is accepted already; whether there is room is looked at before an address is said.
    transfer.answerFirst(words, { filesize, ...(known && { root: known }) }, async (dir, heldBytes) => {
      const isShared = transfer.record.share !== undefined && known !== undefined
      const there = isShared ? await contentThere(transfer.record.destination!, known, filesize) : undefined
      if (there !== undefined) return there.path
      const isTaken = isShared && takeLeft(transfer, known)
      demandRoom(dir, isTaken ? 0 : filesize - heldBytes, filesize, settings)
      return undefined
    })
  }
}

/** What an ended transfer left of this content goes on here. @returns whether there is such */
function takeLeft(transfer: ReceivingTransfer, root: string): boolean {
  const { peer, filename, destination, part } = transfer.record
  if (part !== undefined) return false
  const left = leftover(transfer.around.journal, { peer, filename, root }, destination!.dir)
  if (left === undefined || left.record.root !== root) return false
  transfer.note({ part: left.part }, { ...left.record, part: undefined })
  return true
}

/** Nobody is asked: a rule says no. It need not be in the journal yet; what is there is shown again after a restart. */
export function refuse(transfer: AnyTransfer): void {
  transfer.insist(() => {
    if (isUnanswered(transfer.record)) {
      transfer.put({ action: 'decline', block: false, reason: 'policy' })
    }
  })
}

function isOther<T>(known: T | undefined, said: T | undefined): boolean {
  return known !== undefined && said !== undefined && known !== said
}

/** A proposal of somebody else that waits for an answer of ours. */
export function isUnanswered(record: TransferRecord): boolean {
  return !record.authored && record.phase === 'proposed' && record.saying === undefined
}
