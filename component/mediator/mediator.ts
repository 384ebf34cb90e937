/**
 * The mediator: hears what devices say, has it recorded, answers, and brings it to the other side.
 * It knows no XMPP but for elements and addresses; the stream is wire's (component/service.ts joins the two).
 */

import {
  type ActionName,
  bareJid,
  type Element,
  login,
  loginRequired,
  readAction,
  retry,
  writeRefusal,
} from '../../schemas/index.js'
import { newId, Refused } from '../../wire/index.js'
import type { Batches, Work } from '../store/batches.js'
import { faultOf } from '../store/store-failed.js'
import { act } from './act.js'
import { arrive, logIn } from './arrive.js'
import { Deliveries } from './deliveries.js'
import { Expiry } from './expiry.js'
import { Logins, type Session } from './logins.js'
import type { Mediation, MediationLimits } from './mediation.js'
import { propose } from './propose.js'
import { RollCall } from './roll-call.js'
import type { Speaker } from './speaker.js'

export interface MediatorLog {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

export interface MediatorOptions {
  batches: Batches
  speaker: Speaker
  limits: MediationLimits
  clock: () => number
  log: MediatorLog
}

/** What devices may say to us; `ready` is ours to say. */
export const heardActions = [
  'offer',
  'request',
  'accept',
  'decline',
  'append',
  'listening',
  'connecting',
  'timeout',
  'abort',
  'complete',
] as const satisfies readonly ActionName[]

/** A device that was not heard for this long is asked whether it is still there, in ms. */
const longUnheard = 5 * 60_000
const sweepEvery = 30_000

export class Mediator {
  readonly logins = new Logins()
  readonly deliveries: Deliveries
  readonly expiry: Expiry
  readonly #rollCall: RollCall
  readonly #options: MediatorOptions
  readonly #mediation: Mediation
  #sweep: NodeJS.Timeout | undefined

  constructor(options: MediatorOptions) {
    this.#options = options
    const { batches, speaker, log, limits, clock } = options
    this.#rollCall = new RollCall({ speaker })
    this.deliveries = new Deliveries({
      batches,
      speaker,
      log,
      onAway: (session, why) => this.#away(session, why),
      ping: (jid) => this.#rollCall.isHere(jid),
    })
    this.#mediation = { logins: this.logins, deliveries: this.deliveries, speaker, limits, newSid: newId }
    this.expiry = new Expiry(this.#mediation, batches, clock, log)
  }

  start(): void {
    for (const { id, peer, device, jid } of this.#options.batches.store.devices.loggedIn()) {
      if (jid !== null) this.logins.remember({ row: id, party: { peer, device }, jid, heard: 0 })
    }
    this.expiry.start()
    this.#sweep = setInterval(() => this.#askTheUnheard(), sweepEvery)
    this.#sweep.unref()
  }

  stop(): void {
    this.expiry.stop()
    this.#rollCall.clear()
    clearInterval(this.#sweep)
  }

  /** The stream is up: who is remembered is asked whether it is still there. */
  streamUp(): void {
    for (const session of this.logins.allRemembered()) {
      this.#rollCall.ask(session.jid, (isHere) => {
        if (isHere) void this.#restore(session)
        else this.#forget(session)
      })
    }
  }

  /** The stream is gone, and with it everybody, as far as we know. */
  streamDown(): void {
    this.#rollCall.clear()
    for (const session of [...this.logins.all()]) {
      this.deliveries.close(session.row)
      this.logins.remove(session)
      this.logins.remember(session)
    }
  }

  /** The disk takes writes again. */
  storeRecovered(): void {
    this.deliveries.resume()
  }

  /**
   * Takes an action. Resolves once it is recorded.
   * @throws Refused, or Malformed
   */
  async hear(from: string, payload: Element): Promise<void> {
    const said = readAction(payload)
    if (said.action === 'ready') throw Refused.by('unknown-action')
    const me = await this.#sessionOf(from)
    me.heard = this.#options.clock()
    const outcome = await this.#record((transaction) =>
      said.action === 'request' || (said.action === 'offer' && said.value.sid === undefined)
        ? propose(transaction, this.#mediation, me, said)
        : act(transaction, this.#mediation, me, said),
    )
    if (outcome) throw outcome
  }

  /** Takes directed presence that carries `login`; answers with presence. */
  async logIn(from: string, payload: Element): Promise<void> {
    const { device } = login.read(payload)
    const outcome = await this.#record((transaction) => {
      const session = logIn(transaction, this.#mediation, from, device)
      if (!(session instanceof Refused)) {
        transaction.afterCommit(() => this.#options.speaker.presence(from, {}, login.write({ device })))
      }
      return session
    })
    if (outcome instanceof Refused) throw outcome
    this.#options.log.debug({ peer: outcome.party.peer }, 'a device has logged in')
  }

  /** Says in presence why a login was not taken. */
  refuseLogIn(to: string, { condition, type, app }: Refused): void {
    this.#options.speaker.presence(to, { type: 'error' }, writeRefusal({ condition, type, app }))
  }

  /** This full JID is not available any more. */
  async logOut(from: string): Promise<void> {
    const session = this.logins.under(from) ?? this.logins.remembered(from)
    if (session === undefined && bareJid(from) === undefined) return
    const leave = () => {
      // Looked up again: a login may have come in between.
      const now = this.logins.under(from) ?? this.logins.remembered(from)
      if (now === undefined) return
      this.deliveries.close(now.row)
      this.logins.remove(now)
      this.logins.forget(from)
    }
    try {
      await this.#options.batches.run(({ store, afterCommit }) => {
        const row = (this.logins.under(from) ?? this.logins.remembered(from))?.row
        if (row !== undefined) store.devices.logOut(row, from)
        afterCommit(leave)
      })
    } catch {
      // Away is away, written down or not.
      leave()
    }
  }

  /** A session that speaks is there. @throws Refused for who is not logged in */
  async #sessionOf(from: string): Promise<Session> {
    const here = this.logins.under(from)
    if (here) return here
    const remembered = this.logins.remembered(from)
    if (remembered) {
      await this.#restore(remembered)
      const restored = this.logins.under(from)
      if (restored) return restored
    }
    // Its place was taken: it must not log in again by itself, or the two would fight over it.
    if (this.logins.isFenced(from)) throw Refused.by('not-found')
    throw Refused.by('login-required', loginRequired())
  }

  /** Whoever was remembered has been heard. */
  async #restore(session: Session): Promise<void> {
    if (this.logins.remembered(session.jid) !== session) return
    await this.#record((transaction) => {
      if (this.logins.remembered(session.jid) !== session) return
      session.heard = transaction.now
      arrive(transaction, this.#mediation, session)
    }).catch((err: unknown) => {
      if (!(err instanceof Refused)) this.#options.log.error({ err }, 'a device could not be brought back')
    })
  }

  /** Whoever was remembered is gone. */
  #forget(session: Session): void {
    if (this.logins.remembered(session.jid) !== session) return
    this.logins.forget(session.jid)
    this.#writeLogOut(session)
  }

  /** The server bounced something, or nothing came back. */
  #away(session: Session, why: 'bounced' | 'silent'): void {
    this.#options.log.debug({ peer: session.party.peer, why }, 'a device is away')
    this.deliveries.close(session.row)
    this.logins.remove(session)
    if (why === 'bounced') {
      this.#writeLogOut(session)
    } else {
      // Perhaps only slow: it is asked, and comes back with its first word.
      this.logins.remember(session)
      this.#rollCall.ask(session.jid, (isHere) => {
        if (isHere) void this.#restore(session)
      })
    }
  }

  #writeLogOut({ row, jid }: Session): void {
    this.#options.batches
      .run(({ store }) => {
        if (!this.logins.ofDevice(row)) store.devices.logOut(row, jid)
      })
      .catch(() => {
        // It is asked again after the next start.
      })
  }

  #askTheUnheard(): void {
    const before = this.#options.clock() - longUnheard
    for (const session of this.logins.all()) {
      if (session.heard > before) continue
      this.#rollCall.ask(session.jid, (isHere) => {
        if (isHere) session.heard = this.#options.clock()
        else if (this.logins.under(session.jid) === session) this.#away(session, 'bounced')
      })
    }
  }

  /** Durable when it resolves; a store that cannot take it now is a reason to come back later (P20). */
  async #record<T>(work: Work<T>): Promise<T> {
    try {
      return await this.#options.batches.run(work)
    } catch (error) {
      if (faultOf(error) !== undefined) throw Refused.by('busy', retry({ afterSeconds: 5 }))
      throw error
    }
  }
}
