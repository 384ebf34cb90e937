/**
 * Brings to each device what is for it: what is stored, in its order, until the device has answered; and what is only
 * for who is logged in now (docs/protocol.md, "Outbox").
 *
 * What holds: a device has a bounded number of deliveries in flight, and as many waiting in memory; beyond that they wait
 * in the store, without their addresses. A row goes when the device answered it, whatever it answered for good; it
 * stays when the server bounced it, for then the device is away. At least once, shown once: the device tells
 * repeats by their sid.
 */

import type { Element } from '../../schemas/index.js'
import { parseXml } from '../../schemas/index.js'
import type { Batches } from '../store/batches.js'
import type { Session } from './logins.js'
import type { Found } from './roll-call.js'
import type { Speaker } from './speaker.js'
import { verdictOn } from './verdict.js'

/** Something to deliver. A stored one has a row; `payload` may hold addresses that the row lacks. */
export interface Parcel {
  readonly row?: number
  readonly payload: Element
  /** About how many characters it has. */
  readonly weight: number
}

/** Rows read at once from the store. */
const rowsAtOnce = 16

export interface DeliveryOptions {
  speaker: Speaker
  batches: Batches
  log: { warn(fields: object, message: string): void; error(fields: object, message: string): void }
  /** The server says that this full JID is gone, or nothing comes back from it. */
  onAway: (session: Session, why: 'bounced' | 'silent') => void
  /** Whether this full JID still answers. */
  find: (jid: string) => Promise<Found>
  /** Deliveries to one device at once. */
  maxInFlight?: number
  /** Deliveries to one device in memory. */
  maxWaiting?: number
  /** Weight of what is in flight and in memory for one device. */
  maxWeight?: number
  /** The same for all devices together. */
  maxWeightOfAll?: number
  /** After `wait`, in ms; doubled up to thirty times as much. */
  pauseMs?: number
}

interface Mailbox {
  readonly session: Session
  readonly waiting: Parcel[]
  inFlight: number
  weight: number
  /** Rows after `lastRow` are in the store only. */
  behind: boolean
  lastRow: number
  pause: NodeJS.Timeout | undefined
  pauses: number
}

export class Deliveries {
  readonly #mailboxes = new Map<number, Mailbox>()
  readonly #options: Required<DeliveryOptions>
  #answered: number[] = []
  #clearing = false
  #ready = new Set<Mailbox>()
  #delivered = 0
  #weight = 0

  constructor(options: DeliveryOptions) {
    this.#options = {
      maxInFlight: 64,
      maxWaiting: 256,
      maxWeight: 262_144,
      maxWeightOfAll: 67_108_864,
      pauseMs: 2_000,
      ...options,
    }
  }

  /** Deliveries answered so far, for figures. */
  get delivered(): number {
    return this.#delivered
  }

  /** Deliveries that are on their way now. */
  get inFlight(): number {
    let sum = 0
    for (const { inFlight } of this.#mailboxes.values()) sum += inFlight
    return sum
  }

  /** The device is here: what waits for it is brought, oldest first. */
  open(session: Session): void {
    const before = this.#mailboxes.get(session.row)
    if (before?.session === session) {
      this.#soon(before)
      return
    }
    this.close(session.row)
    const mailbox: Mailbox = {
      session,
      waiting: [],
      inFlight: 0,
      weight: 0,
      behind: true,
      lastRow: 0,
      pause: undefined,
      pauses: 0,
    }
    this.#mailboxes.set(session.row, mailbox)
    this.#soon(mailbox)
  }

  /** The device is away: what is stored stays stored, the rest is gone, addresses first of all. */
  close(row: number): void {
    const mailbox = this.#mailboxes.get(row)
    if (!mailbox) return
    this.#mailboxes.delete(row)
    clearTimeout(mailbox.pause)
    for (const parcel of mailbox.waiting.splice(0)) this.#drop(mailbox, parcel)
  }

  /** To be called after the commit that stored it. Goes nowhere if the device is away. */
  push(device: number, parcel: Parcel): void {
    const mailbox = this.#mailboxes.get(device)
    if (!mailbox) return
    const fits =
      mailbox.waiting.length < this.#options.maxWaiting &&
      mailbox.weight + parcel.weight <= this.#options.maxWeight &&
      this.#weight + parcel.weight <= this.#options.maxWeightOfAll
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

  /** Nothing is brought to anybody any more. */
  stop(): void {
    for (const row of [...this.#mailboxes.keys()]) this.close(row)
  }

  /** After the store was out of order: goes on where it stopped. */
  resume(): void {
    this.#clear()
    for (const mailbox of this.#mailboxes.values()) this.#soon(mailbox)
  }

  #hold(mailbox: Mailbox, parcel: Parcel): void {
    mailbox.waiting.push(parcel)
    mailbox.weight += parcel.weight
    this.#weight += parcel.weight
  }

  #drop(mailbox: Mailbox, parcel: Parcel): void {
    mailbox.weight -= parcel.weight
    this.#weight -= parcel.weight
  }

  /** In a later turn: after the answers to those whose words these are. */
  #soon(mailbox: Mailbox): void {
    if (this.#ready.size === 0) setImmediate(() => this.#pumpAll())
    this.#ready.add(mailbox)
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
  }

  #pump(mailbox: Mailbox): void {
    if (mailbox.pause !== undefined || this.#mailboxes.get(mailbox.session.row) !== mailbox) return
    while (mailbox.inFlight < this.#options.maxInFlight) {
      const parcel = mailbox.waiting.shift()
      if (parcel) this.#send(mailbox, parcel)
      else if (!mailbox.behind || !this.#load(mailbox)) return
    }
  }

  /** @returns whether there is more to send now */
  #load(mailbox: Mailbox): boolean {
    const { batches, log } = this.#options
    if (batches.isFaulty) return false
    const most = rowsAtOnce
    const rows = batches.store.outbox.waiting(mailbox.session.row, mailbox.lastRow, most)
    for (const { id, payload } of rows) {
      mailbox.lastRow = id
      try {
        this.#hold(mailbox, { row: id, payload: parseXml(payload), weight: payload.length })
      } catch (err) {
        // Only something of ours can be in a row; it is our bug, and it must not stop what is behind it.
        log.error({ err, row: id }, 'a stored delivery cannot be read')
        this.#settle(id)
      }
    }
    mailbox.behind = rows.length === most
    return mailbox.waiting.length > 0 || mailbox.behind
  }

  #send(mailbox: Mailbox, parcel: Parcel): void {
    mailbox.inFlight++
    this.#options.speaker.ask(mailbox.session.jid, 'set', parcel.payload).then(
      () => {
        mailbox.pauses = 0
        this.#back(mailbox, parcel)
      },
      (error: unknown) => this.#failed(mailbox, parcel, error),
    )
  }

  #back(mailbox: Mailbox, parcel: Parcel): void {
    mailbox.inFlight--
    this.#drop(mailbox, parcel)
    this.#delivered++
    if (parcel.row !== undefined) this.#settle(parcel.row)
    if (mailbox.waiting.length > 0 || mailbox.behind) this.#soon(mailbox)
  }

  #failed(mailbox: Mailbox, parcel: Parcel, error: unknown): void {
    const { session } = mailbox
    const isCurrent = this.#mailboxes.get(session.row) === mailbox
    const verdict = verdictOn(error)
    if (verdict === 'refused') {
      if (parcel.row !== undefined) {
        this.#options.log.warn({ peer: session.party.peer, err: error }, 'a device refused a delivery')
      }
      this.#back(mailbox, parcel)
      return
    }
    mailbox.inFlight--
    this.#drop(mailbox, parcel)
    if (!isCurrent || verdict === 'disconnected') return
    if (verdict === 'later') {
      this.#pause(mailbox, parcel)
    } else if (verdict === 'unknown-there') {
      // Said by the server, the device is gone; said by the device, it does not know the transfer.
      this.#options.find(session.jid).then((found) => {
        if (found === 'here') {
          if (parcel.row !== undefined) this.#settle(parcel.row)
          this.#soon(mailbox)
        } else if (this.#mailboxes.get(session.row) === mailbox) {
          this.#options.onAway(session, found === 'gone' ? 'bounced' : 'silent')
        }
      })
    } else {
      this.#options.onAway(session, verdict)
    }
  }

  #pause(mailbox: Mailbox, parcel: Parcel): void {
    if (parcel.row !== undefined) {
      mailbox.waiting.unshift(parcel)
      mailbox.weight += parcel.weight
      this.#weight += parcel.weight
    }
    this.#rest(mailbox)
  }

  /** Tries again after a while, and after a longer one each time. */
  #rest(mailbox: Mailbox): void {
    if (mailbox.pause !== undefined) return
    const factor = Math.min(2 ** mailbox.pauses++, 30)
    mailbox.pause = setTimeout(() => {
      mailbox.pause = undefined
      this.#soon(mailbox)
    }, this.#options.pauseMs * factor)
    mailbox.pause.unref()
  }

  /** The row is done with; those of one turn go together. */
  #settle(row: number): void {
    this.#answered.push(row)
    this.#clear()
  }

  #clear(): void {
    if (this.#clearing || this.#answered.length === 0) return
    this.#clearing = true
    const taken: number[] = []
    this.#options.batches
      .runAlong(({ store }) => {
        // Whatever has come in until the transaction is taken along.
        taken.push(...this.#answered.splice(0))
        for (const row of taken) store.outbox.remove(row)
      })
      .then(
        () => {
          this.#clearing = false
          this.#clear()
        },
        () => {
          // They stay in the store meanwhile; a device that gets one twice knows it.
          this.#clearing = false
          this.#answered.push(...taken)
        },
      )
  }
}
