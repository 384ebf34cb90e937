/**
 * Brings to each device what is for it: what is stored, in its order, until the device has answered; and what is only
 * for who is logged in now (docs/protocol.md, "Outbox").
 *
 * What holds: what is in flight and in memory is bounded for each device and for all; beyond that it waits in the store,
 * without its addresses. A row goes when the device answered it, whatever it answered for good; it stays when the
 * server bounced it, for then the device is away. At least once, shown once: the device tells repeats by their sid.
 */

import type { Element } from '../../schemas/index.js'
import type { Session } from '../attendance/logins.js'
import type { Found } from '../attendance/roll-call.js'
import type { Batches } from '../store/batches.js'
import type { OutboxRow } from '../store/outbox.js'
import { AnsweredRows } from './answered-rows.js'
import { Budget, type Taken } from './budget.js'
import { Mailbox, type Parcel } from './mailbox.js'
import type { Speaker } from './speaker.js'
import { verdictOn } from './verdict.js'

export interface DeliveryOptions {
  speaker: Speaker
  batches: Batches
  log: { warn(fields: object, message: string): void; error(fields: object, message: string): void }
  /** What is in a row. */
  unpack: (row: OutboxRow) => Element
  /** The server says that this full JID is gone, or nothing comes back from it. */
  onAway: (session: Session, why: 'bounced' | 'silent') => void
  /** Whether this full JID still answers. */
  find: (jid: string) => Promise<Found>
}

/** Rows read at once from the store. */
const rowsAtOnce = 8
/** Devices without room that may try again when one delivery has ended: the first may be over its own share. */
const fedAtOnce = 8
/** Weight of what waits in memory for all devices. */
const heaviestWaiting = 16 * 2 ** 20
/** The first pause after "later", in ms; doubled up to thirty times as much. */
const firstPause = 2_000
/** How long a device may take for an answer, in ms; one that has never answered has less time. */
const patience = { proven: 30_000, unproven: 10_000 }

export class Deliveries {
  readonly #mailboxes = new Map<number, Mailbox>()
  readonly #options: DeliveryOptions
  readonly #answered: AnsweredRows
  readonly #budget = new Budget()
  /** Those for whom there is no room in the budget now, in the order of their coming. */
  readonly #starved = new Set<Mailbox>()
  #ready = new Set<Mailbox>()
  #isScheduled = false
  #delivered = 0
  #waitingWeight = 0

  constructor(options: DeliveryOptions) {
    this.#options = options
    this.#answered = new AnsweredRows(options.batches)
  }

  /** Deliveries answered so far, for figures. */
  get delivered(): number {
    return this.#delivered
  }

  /** Deliveries that are on their way now. */
  get inFlight(): number {
    return this.#budget.inFlight
  }

  /** The device is here: what waits for it is brought, oldest first. */
  open(session: Session): void {
    const before = this.#mailboxes.get(session.row)
    if (before?.session === session) {
      this.#soon(before)
      return
    }
    this.close(session.row)
    const mailbox = new Mailbox(session)
    this.#mailboxes.set(session.row, mailbox)
    this.#soon(mailbox)
  }

  /** The device is away: what is stored stays stored, the rest is gone, addresses first of all. */
  close(row: number): void {
    const mailbox = this.#mailboxes.get(row)
    if (!mailbox) return
    this.#mailboxes.delete(row)
    this.#starved.delete(mailbox)
    this.#waitingWeight -= mailbox.waitingWeight
    mailbox.empty()
  }

  /** To be called after the commit that stored it. Goes nowhere if the device is away. */
  push(device: number, parcel: Parcel): void {
    const mailbox = this.#mailboxes.get(device)
    if (!mailbox) return
    const fits = mailbox.hasRoomFor(parcel) && this.#waitingWeight + parcel.weight <= heaviestWaiting
    if (parcel.row === undefined) {
      if (fits) this.#hold(mailbox, parcel)
    } else if (mailbox.behind || !fits) {
      mailbox.behind = true
    } else {
      this.#hold(mailbox, parcel)
      mailbox.lastRow = parcel.row
    }
    this.#soon(mailbox)
  }

  /** Something long was stored for a device; it is read when its turn comes. */
  storedFor(device: number): void {
    const mailbox = this.#mailboxes.get(device)
    if (!mailbox) return
    mailbox.behind = true
    this.#soon(mailbox)
  }

  /** Nothing is brought to anybody any more. */
  stop(): void {
    for (const row of [...this.#mailboxes.keys()]) this.close(row)
  }

  /** After the store was out of order: goes on where it stopped, also with what it has taken without saying so. */
  resume(): void {
    this.#answered.clear()
    for (const mailbox of this.#mailboxes.values()) {
      mailbox.behind = true
      this.#soon(mailbox)
    }
  }

  #hold(mailbox: Mailbox, parcel: Parcel): void {
    mailbox.hold(parcel)
    this.#waitingWeight += parcel.weight
  }

  /** In a later turn: after the answers to those whose words these are. */
  #soon(mailbox: Mailbox): void {
    this.#ready.add(mailbox)
    this.#schedule()
  }

  /** While the stream takes nothing more, nothing is written to it: for what piles up there it would be ended (P18). */
  #schedule(): void {
    if (this.#isScheduled || this.#ready.size === 0) return
    this.#isScheduled = true
    const go = () => {
      this.#isScheduled = false
      this.#pumpAll()
    }
    const room = this.#options.speaker.room()
    if (room) void room.then(go)
    else setImmediate(go)
  }

  #pumpAll(): void {
    const ready = this.#ready
    this.#ready = new Set()
    for (const mailbox of ready) {
      try {
        this.#pump(mailbox)
      } catch (err) {
        // A disk that cannot be read, perhaps: this one device waits, the others do not.
        this.#options.log.error({ err }, 'a delivery failed')
        this.#rest(mailbox)
      }
    }
    this.#schedule()
  }

  #pump(mailbox: Mailbox): void {
    if (mailbox.pause !== undefined || this.#mailboxes.get(mailbox.session.row) !== mailbox) return
    while (mailbox.inFlight < mailbox.window) {
      const parcel = mailbox.next()
      if (parcel === undefined) {
        if (mailbox.waiting.length > 0 || !mailbox.behind || !this.#load(mailbox)) return
      } else if (this.#options.speaker.room()) {
        this.#ready.add(mailbox)
        return
      } else {
        const taken = this.#budget.take(mailbox.session.party.peer, parcel.weight, mailbox.isProven)
        if (taken === undefined) {
          this.#starved.add(mailbox)
          return
        }
        this.#send(mailbox, taken)
      }
    }
  }

  /** @returns whether there is more to send now */
  #load(mailbox: Mailbox): boolean {
    const { batches, log, unpack } = this.#options
    if (batches.isFaulty) return false
    // One more than is taken tells whether there is more: a guess would keep a device reading from the store for good.
    const rows = batches.store.outbox.waiting(mailbox.session.row, mailbox.lastRow, rowsAtOnce + 1)
    mailbox.behind = rows.length > rowsAtOnce
    for (const row of rows.slice(0, rowsAtOnce)) {
      try {
        const payload = unpack(row)
        const parcel = { row: row.id, payload, weight: weightOf(payload) }
        if (mailbox.waiting.length > 0 && !mailbox.hasRoomFor(parcel)) {
          mailbox.behind = true
          break
        }
        this.#hold(mailbox, parcel)
      } catch (err) {
        // Only something of ours can be in a row; it is our bug, and it must not stop what is behind it.
        log.error({ err, row: row.id }, 'a stored delivery cannot be read')
        this.#answered.add(row.id)
      }
      mailbox.lastRow = row.id
    }
    return mailbox.waiting.length > 0 || mailbox.behind
  }

  #send(mailbox: Mailbox, taken: Taken): void {
    const { row, payload, weight } = mailbox.take()
    this.#waitingWeight -= weight
    const timeoutMs = mailbox.isProven ? patience.proven : patience.unproven
    const ended = (error?: unknown) => {
      mailbox.landed({ weight })
      taken.giveBack()
      this.#feed()
      this.#ended(mailbox, row, error)
    }
    this.#options.speaker.ask(mailbox.session.jid, 'set', payload, timeoutMs).then(
      () => ended(),
      // What it is does not matter as long as it is something.
      (error: unknown) => ended(error ?? new Error('failed')),
    )
  }

  /** There is room again: those that waited longest may try; all, when nothing else would call them. */
  #feed(): void {
    let most = this.#budget.inFlight === 0 ? this.#starved.size : fedAtOnce
    for (const mailbox of this.#starved) {
      if (most-- <= 0) return
      this.#starved.delete(mailbox)
      this.#soon(mailbox)
    }
  }

  #ended(mailbox: Mailbox, row: number | undefined, error: unknown): void {
    const { session } = mailbox
    const verdict = error === undefined ? 'answered' : verdictOn(error)
    const isCurrent = this.#mailboxes.get(session.row) === mailbox
    if (verdict === 'refused' && row !== undefined && mailbox.maySay(performance.now())) {
      const { peer } = session.party
      this.#options.log.warn({ peer, reason: reasonOf(error) }, 'a device refused a delivery')
    }
    if (verdict === 'answered' || verdict === 'refused') {
      this.#delivered++
      mailbox.answered()
      if (row !== undefined) this.#answered.add(row)
      if (mailbox.waiting.length > 0 || mailbox.behind) this.#soon(mailbox)
      return
    }
    if (!isCurrent || verdict === 'disconnected') return
    if (verdict === 'later') {
      this.#waitingWeight -= mailbox.waitingWeight
      mailbox.postponed(row)
      this.#waitingWeight += mailbox.waitingWeight
      this.#rest(mailbox)
    } else if (verdict === 'unknown-there') {
      this.#doubt(mailbox, row)
    } else {
      this.#options.onAway(session, verdict)
    }
  }

  /** `item-not-found`: if the server said it, the device is gone; if the device, it does not know the transfer. */
  #doubt(mailbox: Mailbox, row: number | undefined): void {
    this.#options.find(mailbox.session.jid).then((found) => {
      if (found === 'here') {
        if (row !== undefined) this.#answered.add(row)
        mailbox.answered()
        this.#soon(mailbox)
      } else if (this.#mailboxes.get(mailbox.session.row) === mailbox) {
        this.#options.onAway(mailbox.session, found === 'gone' ? 'bounced' : 'silent')
      }
    })
  }

  /** Tries again after a while, and after a longer one each time. */
  #rest(mailbox: Mailbox): void {
    if (mailbox.pause !== undefined) return
    const factor = Math.min(2 ** mailbox.pauses++, 30)
    mailbox.pause = setTimeout(() => {
      mailbox.pause = undefined
      this.#soon(mailbox)
    }, firstPause * factor)
    mailbox.pause.unref()
  }
}

/** Our own words for it; the peer's are not for the log (case 106). */
function reasonOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : 'unknown'
}

/** About how long an element is, without writing it. */
function weightOf(element: Element): number {
  let weight = 2 * element.name.length + 5
  for (const name in element.attrs) weight += name.length + (element.attrs[name]?.length ?? 0) + 4
  for (const child of element.children) weight += typeof child === 'string' ? child.length : weightOf(child)
  return weight
}
