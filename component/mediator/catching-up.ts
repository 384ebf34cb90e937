/**
 * Brings devices that are here what is open for them and has not reached them, where that may be too much for the transaction that it follows
 * from: of a peer who blocks somebody no more, of many who come at once, of all after the disk failed.
 *
 * What holds: a transaction brings little more than one device may get, so that nobody waits for the many of one peer (P15, P17). What is
 * not brought when the disk fails is brought after it, or at the next login; nothing is brought twice.
 */

import { setTimeout as pause } from 'node:timers/promises'
import type { Logins, Session } from '../attendance/logins.js'
import type { Batches, Transaction } from '../store/batches.js'
import { faultOf } from '../store/store-failed.js'

/** Devices in one transaction, and offers that are looked at in it: no more devices follow then. */
const mostDevices = 64
const mostOffers = 256

/** After too much was waiting to be written, ms. */
const retryMs = 250

/** Brings one what is open for it after that offer. @returns how many offers were looked at, and after which one to go on, if there may be more */
export type BringTo = (
  transaction: Transaction,
  session: Session,
  after: number,
) => { looked: number; rest: number | undefined }

export class CatchingUp {
  /** Those who wait, and after which offer they go on. */
  readonly #sessions = new Map<Session, number>()
  #isUnderWay = false

  constructor(
    private readonly logins: Logins,
    private readonly batches: Batches,
    private readonly bring: BringTo,
    private readonly log: { error(fields: object, message: string): void },
  ) {}

  /** Devices that wait. */
  get waiting(): number {
    return this.#sessions.size
  }

  /** Brings these theirs, one after the other. */
  soon(sessions: Iterable<Session>): void {
    for (const session of sessions) this.#sessions.set(session, 0)
    if (this.#isUnderWay || this.#sessions.size === 0) return
    this.#isUnderWay = true
    void this.#go().finally(() => {
      this.#isUnderWay = false
      // Somebody may have been added after the last look.
      this.soon([])
    })
  }

  async #go(): Promise<void> {
    while (this.#sessions.size > 0) {
      let some: Session[] = []
      try {
        await this.batches.run((transaction) => {
          some = []
          this.#bringSome(transaction, some)
        })
      } catch (err) {
        const fault = faultOf(err)
        // When the disk is well again all are brought theirs.
        if (fault === 'state-closed' || this.batches.isFaulty) this.#sessions.clear()
        if (fault !== undefined) {
          await pause(retryMs, undefined, { ref: false })
          continue
        }
        this.log.error({ err }, 'what was open for a device was not brought; it gets it at its next login')
        for (const session of some) this.#sessions.delete(session)
      }
    }
  }

  /** It may run twice. Who is asked for once more in this very batch begins again. */
  #bringSome(transaction: Transaction, some: Session[]): void {
    let offers = 0
    for (const [session, after] of this.#sessions) {
      if (some.length >= mostDevices || offers >= mostOffers) return
      some.push(session)
      const isHere = this.logins.under(session.jid) === session
      const { looked, rest } = isHere ? this.bring(transaction, session, after) : nothing
      offers += looked
      transaction.afterCommit(() => {
        // Whoever was asked for once more before us begins again.
        if (this.#sessions.get(session) !== after) return
        // The others have their turn before it goes on.
        this.#sessions.delete(session)
        if (rest !== undefined) this.#sessions.set(session, rest)
      })
    }
  }
}

const nothing = { looked: 0, rest: undefined }
