/**
 * Tells devices what their saved searches have found (docs/catalogue.md, "Watching").
 *
 * What holds: what is not heard yet is in the catalogue, not here, so a device that was away, or a restart of ours, loses
 * nothing and costs no memory. A search is told at most once in ten seconds; so many devices are told at once, and
 * only so many of one peer, so that silent ones do not keep the others waiting (P16, P17).
 */

import { asElements, fitting, hit, matched } from '../../schemas/index.js'
import type { Session } from '../attendance/logins.js'
import type { Catalogue } from '../catalogue/catalogue.js'
import type { DeviceName, Matches, WatchName } from '../catalogue/values.js'
import type { Speaker } from '../delivery/speaker.js'
import { verdictOn } from '../delivery/verdict.js'
import { describedHit } from './criteria.js'

/** Between two notices of one search, in ms. */
const leastBetween = 10_000
/** How long a device may take to say that it has heard, in ms. */
const patience = 10_000
/** After a device did not hear, or could not be looked after, in ms. */
const restAfter = 30_000
/** Devices looked up at once: what people ask comes first. */
const mostLookedUp = 8
/** Devices told at once, and of one peer. */
const mostAtOnce = 256
const mostOfPeer = 4
/** Hits in one notice. */
const mostHits = 8

interface Listener {
  readonly session: Session
  /** When each search was told last; monotonic, in ms. */
  readonly told: Map<string, number>
  timer: NodeJS.Timeout | undefined
  /** When the timer goes off. */
  at: number
}

export interface NoticeOptions {
  catalogue: Pick<Catalogue, 'matches' | 'heard'>
  speaker: Speaker
  log: { error(fields: object, message: string): void }
  /** Between two notices of one search, in ms. */
  leastBetweenMs?: number
}

export class Notices {
  readonly #options: NoticeOptions
  readonly #leastBetween: number
  readonly #listeners = new Map<string, Listener>()
  readonly #waiting = new Set<Listener>()
  /** Devices that are being told something: never two things at once, so that nothing is told twice. */
  readonly #busy = new Set<string>()
  readonly #busyOfPeer = new Map<string, number>()
  #lookedUp = 0
  #stopped = false

  constructor(options: NoticeOptions) {
    this.#options = options
    this.#leastBetween = options.leastBetweenMs ?? leastBetween
  }

  /** A device came, or went. Whoever comes is told what it has missed. */
  attend(session: Session, isHere: boolean): void {
    const { peer, device } = session.party
    const key = keyOf(peer, device)
    const before = this.#listeners.get(key)
    if (before !== undefined) {
      clearTimeout(before.timer)
      this.#waiting.delete(before)
      this.#listeners.delete(key)
    }
    if (!isHere || this.#stopped) return
    const listener = { session, told: new Map(before?.told), timer: undefined, at: Number.POSITIVE_INFINITY }
    this.#listeners.set(key, listener)
    this.#soon(listener)
  }

  /** A search has found something. */
  found({ peer, device, watch }: WatchName): void {
    const listener = this.#listeners.get(keyOf(peer, device))
    if (listener === undefined) return
    const wait = (listener.told.get(watch) ?? Number.NEGATIVE_INFINITY) + this.#leastBetween - now()
    if (wait > 0) this.#later(listener, wait)
    else this.#soon(listener)
  }

  stop(): void {
    this.#stopped = true
    for (const { timer } of this.#listeners.values()) clearTimeout(timer)
    this.#listeners.clear()
    this.#waiting.clear()
  }

  #isHere = (listener: Listener): boolean => {
    const { peer, device } = listener.session.party
    return this.#listeners.get(keyOf(peer, device)) === listener
  }

  #soon(listener: Listener): void {
    this.#waiting.add(listener)
    this.#next()
  }

  #later(listener: Listener, ms: number): void {
    const at = now() + ms
    if (listener.timer !== undefined && listener.at <= at) return
    clearTimeout(listener.timer)
    listener.at = at
    listener.timer = setTimeout(() => {
      listener.timer = undefined
      if (this.#isHere(listener)) this.#soon(listener)
    }, ms)
    listener.timer.unref()
  }

  #next(): void {
    for (const listener of this.#waiting) {
      if (this.#lookedUp >= mostLookedUp || this.#busy.size >= mostAtOnce) return
      const { peer, device } = listener.session.party
      const key = keyOf(peer, device)
      const ofPeer = this.#busyOfPeer.get(peer) ?? 0
      if (this.#busy.has(key) || ofPeer >= mostOfPeer) continue
      this.#waiting.delete(listener)
      this.#busy.add(key)
      this.#busyOfPeer.set(peer, ofPeer + 1)
      this.#tell(listener)
        .catch((err: unknown) => {
          this.#options.log.error({ err }, 'a saved search could not be told')
          if (this.#isHere(listener)) this.#later(listener, restAfter)
        })
        .finally(() => {
          this.#busy.delete(key)
          const left = (this.#busyOfPeer.get(peer) ?? 1) - 1
          if (left > 0) this.#busyOfPeer.set(peer, left)
          else this.#busyOfPeer.delete(peer)
          this.#next()
        })
    }
  }

  /** Tells one device all that it has not heard, one search after the other. */
  async #tell(listener: Listener): Promise<void> {
    const { party } = listener.session
    const answer = await this.#matchesOf(party)
    if (!this.#isHere(listener)) return
    if (answer.kind !== 'ok') {
      if (answer.kind === 'busy' || answer.kind === 'too-slow') this.#later(listener, 1_000)
      return
    }
    for (const matches of answer.matches) {
      const wait = (listener.told.get(matches.watch) ?? Number.NEGATIVE_INFINITY) + this.#leastBetween - now()
      if (wait > 0) {
        this.#later(listener, wait)
        continue
      }
      if (!(await this.#tellOne(listener, matches))) {
        if (this.#isHere(listener)) this.#later(listener, restAfter)
        return
      }
    }
    for (const [watch, at] of listener.told) {
      if (at + this.#leastBetween <= now()) listener.told.delete(watch)
    }
  }

  async #matchesOf(name: DeviceName) {
    this.#lookedUp++
    try {
      return await this.#options.catalogue.matches(name)
    } finally {
      this.#lookedUp--
      this.#next()
    }
  }

  /** @returns whether the device has heard */
  async #tellOne(listener: Listener, { watch, hits, more, mark }: Matches): Promise<boolean> {
    const { catalogue, speaker } = this.#options
    const { jid, party } = listener.session
    if (hits.length > 0) {
      const shown = fitting(hits.map(describedHit), asElements(hit), mostHits)
      const notice = matched.write({ id: watch, more: more + hits.length - shown.length, hits: shown })
      await speaker.room()
      listener.told.set(watch, now())
      try {
        await speaker.ask(jid, 'set', notice, patience)
      } catch (error) {
        // A device that knows no such notice has heard all that it ever will.
        if (verdictOn(error) !== 'refused') return false
      }
    }
    await catalogue.heard({ ...party, watch }, mark)
    return true
  }
}

const now = () => performance.now()
const keyOf = (peer: string, device: string) => `${device} ${peer}`
