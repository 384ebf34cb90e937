/**
 * The mediator: hears what devices say, has it recorded, answers, and brings it to the other side.
 * It knows no XMPP but for elements and addresses; the stream is wire's (component/service.ts joins the two).
 */

import { type ActionName, type Element, readAction } from '../../schemas/index.js'
import { newId, Refused } from '../../wire/index.js'
import { Attendance } from '../attendance/attendance.js'
import { Logins, type OnAttend } from '../attendance/logins.js'
import { homeOf } from '../config/config.js'
import { Deliveries } from '../delivery/deliveries.js'
import type { Speaker } from '../delivery/speaker.js'
import { EverySoOften } from '../limits/every-so-often.js'
import type { Batches } from '../store/batches.js'
import { act } from './act.js'
import { block, bring } from './arrive.js'
import { Bringing } from './bringing.js'
import { type BringTo, CatchingUp } from './catching-up.js'
import { delivered } from './delivering.js'
import { Expiry } from './expiry.js'
import { Forgetting } from './forgetting.js'
import type { Mediation, MediationLimits, MediatorLog } from './mediation.js'
import { type OwnTransfer, ownTransfers, standIn } from './own-transfers.js'
import { propose } from './propose.js'
import { type MayGet, Published } from './published.js'
import { busy, record } from './record.js'

export interface MediatorOptions {
  /** Our own JID. */
  domain: string
  batches: Batches
  speaker: Speaker
  limits: MediationLimits
  /** UTC in ms. */
  clock: () => number
  log: MediatorLog
  /** Told who comes and who goes. */
  onAttend?: OnAttend
  /** Who may get what is shared. Without it nothing is. */
  mayGet?: MayGet
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
  'queued',
  'abort',
  'complete',
] as const satisfies readonly ActionName[]

/** After how many proposals of one author its past is looked at. */
const trimEvery = 256

export class Mediator {
  readonly logins: Logins
  readonly deliveries: Deliveries
  readonly bringing: Bringing
  readonly catchingUp: CatchingUp
  readonly attendance: Attendance
  readonly expiry: Expiry
  readonly forgetting: Forgetting
  readonly #mediation: Mediation
  readonly #batches: Batches
  readonly #clock: () => number
  readonly #published: Published

  constructor(options: MediatorOptions) {
    const { domain, batches, speaker, log, limits, clock, onAttend, mayGet } = options
    this.logins = new Logins(onAttend ?? (() => {}), homeOf(domain))
    this.#batches = batches
    this.#clock = clock
    this.#published = new Published(mayGet)
    this.deliveries = new Deliveries({
      batches,
      speaker,
      log,
      unpack: (row) => delivered(batches.store, row),
      onAway: (session, why) => this.attendance.away(session, why),
      find: (jid) => this.attendance.find(jid),
    })
    const authors = new EverySoOften(trimEvery)
    this.#mediation = {
      domain,
      logins: this.logins,
      deliveries: this.deliveries,
      speaker,
      limits,
      newSid: newId,
      bring: (author, offer, atHand) => this.bringing.soon(author, offer, atHand),
      catchUp: (sessions) => this.catchingUp.soon(sessions),
      timeToTrim: (peer) => authors.count(peer),
    }
    this.bringing = new Bringing(this.#mediation, batches, log)
    const bringTo: BringTo = (transaction, session, after) =>
      bring(transaction, this.#mediation, session, after)
    this.catchingUp = new CatchingUp(this.logins, batches, bringTo, log)
    this.attendance = new Attendance({ mediation: this.#mediation, batches, clock, log })
    this.expiry = new Expiry(this.#mediation, batches, clock, log)
    this.forgetting = new Forgetting(batches, log)
  }

  start(): void {
    this.attendance.start()
    this.expiry.start()
    this.forgetting.start()
  }

  stop(): void {
    this.expiry.stop()
    this.forgetting.stop()
    this.attendance.stop()
    this.bringing.stop()
    this.deliveries.stop()
  }

  /**
   * The disk takes writes again. What was refused may be recorded all the same, if the disk failed after it had taken it: said again
   * it is answered as what is known, so whoever is here has to get it now.
   */
  storeRecovered(): void {
    this.deliveries.resume()
    this.catchingUp.soon(this.logins.all())
  }

  /**
   * Takes an action. Resolves once it is recorded.
   * @throws Refused, or Malformed
   */
  async hear(from: string, payload: Element): Promise<void> {
    const said = readAction(payload)
    if (said.action === 'ready') throw Refused.by('unknown-action')
    // Who is here and has nothing looked up is not waited for: each `await` costs as much as a lookup.
    const me = this.logins.under(from) ?? (await this.attendance.sessionOf(from))
    me.heard = this.#clock()
    const isShared = said.action === 'request' && said.value.share !== undefined
    const publisher = isShared ? await this.#published.publisherOf(me, said.value) : undefined
    const turn = isShared ? undefined : this.#published.turnOf(me)
    if (turn !== undefined) await turn
    const isProposal = said.action === 'request' || (said.action === 'offer' && said.value.sid === undefined)
    if (isProposal && this.bringing.isFull) throw busy()
    const outcome = await record(this.#batches, (transaction) =>
      isProposal
        ? propose(transaction, this.#mediation, me, said, publisher)
        : act(transaction, this.#mediation, me, said),
    )
    if (outcome) throw outcome
  }

  /** A peer says whom he blocks: bare JIDs and domains. @throws Refused `busy` */
  async block(peer: string, blocked: readonly string[]): Promise<void> {
    await record(this.#batches, (transaction) => block(transaction, this.#mediation, peer, blocked))
  }

  /** A peer's transfers that have not ended, newest first. */
  transfersOf(peer: string, most: number): Promise<OwnTransfer[]> {
    return ownTransfers(() => this.#batches.store, peer, most)
  }

  /** Stops a transfer of a peer, in the place of whichever device of his has it. @throws Refused */
  async abortFor(peer: string, sid: string): Promise<void> {
    const outcome = await record(this.#batches, (transaction) => {
      const me = standIn(transaction, peer, sid)
      if (me instanceof Refused) return me
      const said = { action: 'abort' as const, value: { sid, reason: 'user' as const } }
      return act(transaction, this.#mediation, me, said)
    })
    if (outcome) throw outcome
  }
}
