/**
 * Who is here: logins and what ends them (docs/protocol.md, "Devices"). After our own start, and after the stream was
 * lost, nobody is here until something has been heard from them; who is remembered is asked.
 */

import { type Element, login, loginRequired, stampedJid, writeRefusal } from '../../schemas/index.js'
import { Refused } from '../../wire/index.js'
import { arrive, logIn } from '../mediator/arrive.js'
import type { Mediation, MediatorLog } from '../mediator/mediation.js'
import { record } from '../mediator/record.js'
import type { Batches } from '../store/batches.js'
import type { Session } from './logins.js'
import { type Found, RollCall } from './roll-call.js'

/** A device that was not heard for this long is asked whether it is still there, in ms. */
const longUnheard = 5 * 60_000
const sweepEvery = 30_000
/** One that was not heard for this long, and does not answer, has to log in again, in ms. */
const longSilent = 20 * 60_000

export interface AttendanceOptions {
  mediation: Mediation
  batches: Batches
  clock: () => number
  log: MediatorLog
}

export class Attendance {
  readonly #mediation: Mediation
  readonly #batches: Batches
  readonly #clock: () => number
  readonly #log: MediatorLog
  readonly #rollCall: RollCall
  /** Full JIDs whose logins are being recorded. */
  readonly #arriving = new Map<string, number>()
  /** Counts how often the stream was lost. */
  #losses = 0
  #sweep: NodeJS.Timeout | undefined

  constructor({ mediation, batches, clock, log }: AttendanceOptions) {
    this.#mediation = mediation
    this.#batches = batches
    this.#clock = clock
    this.#log = log
    this.#rollCall = new RollCall({ speaker: mediation.speaker })
  }

  start(): void {
    const now = this.#clock()
    for (const { id, peer, device, jid } of this.#batches.store.devices.loggedIn()) {
      if (jid === null) continue
      const session = { row: id, party: { peer, device }, jid, heard: now }
      // An older version may have taken him for somebody else: he is not heard as that one, and nothing is said to him.
      if (stampedJid(jid)?.bare === peer) this.#logins.remember(session)
      else this.#writeLogOut(session)
    }
    this.#sweep = setInterval(() => this.askTheUnheard(), sweepEvery)
    this.#sweep.unref()
  }

  stop(): void {
    this.#rollCall.clear()
    clearInterval(this.#sweep)
  }

  get #logins() {
    return this.#mediation.logins
  }

  get #deliveries() {
    return this.#mediation.deliveries
  }

  /** Whether the client under this full JID answers now. */
  find(jid: string): Promise<Found> {
    return this.#rollCall.find(jid)
  }

  /** The stream is up: who is remembered is asked whether it is still there. */
  streamUp(): void {
    for (const session of this.#logins.allRemembered()) this.#ask(session)
  }

  /** The stream is gone, and with it everybody, as far as we know. */
  streamDown(): void {
    this.#losses++
    this.#rollCall.clear()
    for (const session of [...this.#logins.all()]) this.#lose(session)
  }

  #lose(session: Session): void {
    this.#deliveries.close(session.row)
    this.#logins.remove(session)
    this.#logins.remember(session)
  }

  /** It came while the stream was lost: what was said to it meanwhile is lost too, and nobody would know. */
  #loseIfLost(jid: string, losses: number): void {
    const session = losses === this.#losses ? undefined : this.#logins.under(jid)
    if (session === undefined) return
    this.#lose(session)
    this.#ask(session)
  }

  /** Takes directed presence that carries `login`; answers with presence. */
  async logIn(from: string, payload: Element): Promise<void> {
    const { device } = login.read(payload)
    this.#arriving.set(from, (this.#arriving.get(from) ?? 0) + 1)
    try {
      await this.#recordLogIn(from, device)
    } finally {
      const left = (this.#arriving.get(from) ?? 1) - 1
      if (left > 0) this.#arriving.set(from, left)
      else this.#arriving.delete(from)
    }
  }

  async #recordLogIn(from: string, device: string): Promise<void> {
    const losses = this.#losses
    const outcome = await record(this.#batches, (transaction) => {
      const session = logIn(transaction, this.#mediation, from, device)
      if (!(session instanceof Refused)) {
        transaction.afterCommit(() => this.#mediation.speaker.presence(from, {}, login.write({ device })))
      }
      return session
    })
    this.#loseIfLost(from, losses)
    if (outcome instanceof Refused) throw outcome
    this.#log.debug({ peer: outcome.party.peer }, 'a device has logged in')
  }

  /** Says in presence why a login was not taken. */
  refuseLogIn(to: string, { condition, type, app, text }: Refused): void {
    this.#mediation.speaker.presence(to, { type: 'error' }, writeRefusal({ condition, type, app, text }))
  }

  /** This full JID is not available any more. */
  async logOut(from: string): Promise<void> {
    const isKnown = this.#logins.under(from) ?? this.#logins.remembered(from) ?? this.#arriving.has(from)
    if (!isKnown) return
    const leave = () => {
      // Looked up only now: a login under this full JID may have been recorded just before.
      const session = this.#logins.under(from) ?? this.#logins.remembered(from)
      if (session === undefined) return
      this.#deliveries.close(session.row)
      this.#logins.remove(session)
      this.#logins.forget(from)
    }
    try {
      await this.#batches.run(({ store, now, afterCommit }) => {
        store.devices.logOut(from, now)
        afterCommit(leave)
      })
    } catch {
      // Away is away, written down or not.
      leave()
    }
  }

  /** A session that speaks is there. @throws Refused for who is not logged in */
  async sessionOf(from: string): Promise<Session> {
    const here = this.#logins.under(from)
    if (here) return here
    const remembered = this.#logins.remembered(from)
    if (remembered) {
      await this.#restore(remembered)
      const restored = this.#logins.under(from)
      if (restored) return restored
    }
    // Its place was taken: it must not log in again by itself, or the two would fight over it.
    if (this.#logins.isFenced(from)) throw Refused.by('not-found')
    throw Refused.by('login-required', loginRequired())
  }

  /** Whoever was remembered has been heard. */
  async #restore(session: Session): Promise<void> {
    if (this.#logins.remembered(session.jid) !== session) return
    const losses = this.#losses
    await record(this.#batches, (transaction) => {
      if (this.#logins.remembered(session.jid) !== session) return
      session.heard = transaction.now
      arrive(transaction, this.#mediation, session)
    }).catch((err: unknown) => {
      if (!(err instanceof Refused)) this.#log.error({ err }, 'a device could not be brought back')
    })
    this.#loseIfLost(session.jid, losses)
  }

  /** Whoever was remembered is gone. */
  #forget(session: Session): void {
    if (this.#logins.remembered(session.jid) !== session) return
    this.#logins.forget(session.jid)
    this.#writeLogOut(session)
  }

  /** Presence that we sent there came back: the device may be gone, or servers do not bring it such presence, or do not reach each other now. */
  doubt(jid: string): void {
    const session = this.#logins.under(jid)
    if (session !== undefined) this.#lookFor(session)
  }

  /** The server bounced something, or nothing came back. */
  away(session: Session, why: 'bounced' | 'silent'): void {
    this.#log.debug({ peer: session.party.peer, why }, 'a device is away')
    this.#deliveries.close(session.row)
    this.#logins.remove(session)
    if (why === 'bounced') {
      this.#writeLogOut(session)
    } else {
      // Perhaps only slow, or its server is: it is asked, and comes back with its first word.
      this.#logins.remember(session)
      this.#ask(session)
    }
  }

  /** Asks one that is remembered; one that stays silent is asked again in a while. */
  #ask(session: Session): void {
    this.#rollCall.ask(session.jid, (found) => {
      if (found === 'here') void this.#restore(session)
      else if (found === 'gone') this.#forget(session)
    })
  }

  /** Somebody may have logged in under this full JID again since, or just before us in this batch: it stays written that he is. */
  #writeLogOut({ jid }: Session): void {
    this.#batches
      .run(({ store, now, batch }) => {
        if (!this.#logins.isTaken(jid, batch)) store.devices.logOut(jid, now)
      })
      .catch(() => {
        // It is asked again after the next start.
      })
  }

  /** Asks one that counts as here. */
  #lookFor(session: Session): void {
    this.#rollCall.ask(session.jid, (found) => {
      if (found === 'here') session.heard = this.#clock()
      else if (this.#logins.under(session.jid) === session) {
        this.away(session, found === 'gone' ? 'bounced' : 'silent')
      }
    })
  }

  /** Asks those who were not heard for five minutes; to be done now and then. */
  askTheUnheard(): void {
    const now = this.#clock()
    for (const session of this.#logins.all()) {
      // Where the clock was set back, it was heard no later than now.
      session.heard = Math.min(session.heard, now)
      if (session.heard <= now - longUnheard) this.#lookFor(session)
    }
    for (const session of this.#logins.allRemembered()) {
      session.heard = Math.min(session.heard, now)
      if (session.heard < now - longSilent) this.#forget(session)
      else this.#ask(session)
    }
  }
}
