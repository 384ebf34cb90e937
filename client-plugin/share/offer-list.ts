/**
 * Brings a whole list to the component over a link of its own (docs/catalogue.md, "The whole list"): offered like any file, but
 * neither journaled nor shown, since whoever has a list can make it again.
 *
 * Rules: one list at a time; we dial and never listen; a link that breaks is tried again, and the component goes on from what
 * it holds; nothing is left behind, whatever happens.
 */

import { randomBytes } from 'node:crypto'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { hashSource, openSource, type Source, serve } from '../../bytes/index.js'
import { type DeviceIdentity, type Link, LinkFailed, openAttempt } from '../../link/index.js'
import type { ListHead } from '../../protocol/catalogue-list/index.js'
import type { Accept, Action, Entry, Reason, Routing } from '../../schemas/index.js'
import { Refused } from '../../wire/index.js'
import { newOfferId } from '../chance.js'
import { FileTransferError } from '../errors.js'
import type { Heard } from '../mediator/ear.js'
import type { Mouth } from '../mediator/mouth.js'
import type { Outcome } from '../mediator/outcome.js'
import type { Settings } from '../options.js'
import type { DialBudget } from '../transfer/dial-budget.js'
import { type OfferWords, waitFor } from './offer-words.js'
import { packList } from './pack-list.js'

export interface ListOffersAround {
  readonly settings: Pick<Settings, 'component' | 'state' | 'path' | 'allowLoopback' | 'linkDeadlineMs'>
  readonly mouth: Pick<Mouth, 'say'>
  readonly identity: Promise<DeviceIdentity>
  readonly dialBudget: DialBudget
}

/** The filename that tells the component what it is. */
const listFilename = 'catalogue-list'
/** How often a link that broke is tried again, and how often a place is waited for. */
const maxTries = 4
const maxLaters = 12
/** How long the component may take to accept, and to take in what it has received, ms. */
const acceptMs = 30_000
const takeInMs = 15 * 60_000
/** How often it is asked meanwhile whether it still knows of the list, ms. */
const askAgainMs = 5_000

/** Whether a list could be brought: it can; the port is not reached; no list is taken; there is no place, or one of ours is on its way. */
export type ListTrial =
  | { is: 'reached' | 'unreached'; at: readonly string[] }
  | { is: 'closed' }
  | { is: 'busy' }

export class ListOffers {
  readonly #around: ListOffersAround
  readonly #offered = new Map<string, OfferWords>()
  #turn: Promise<unknown> = Promise.resolve()
  /** Those that are on their way, or wait for it. */
  #under = 0
  /** Ended when the component is away, and made anew. */
  #presence = new AbortController()
  /** Ended for good. */
  readonly #life = new AbortController()

  constructor(around: ListOffersAround) {
    this.#around = around
    rmSync(this.#path, { force: true })
  }

  get #path(): string {
    return join(this.#around.settings.state, 'list-out.z')
  }

  /** The handlers of actions: what is about a list of ours is heard here, all else by `others`. */
  before(others: Heard): Heard {
    return {
      ...others,
      accept: (value) => {
        const offered = this.#meant(value)
        if (offered === undefined) return others.accept(value)
        offered.accepted(value)
      },
      complete: (value) => {
        const offered = this.#meant(value)
        if (offered === undefined) return others.complete(value)
        offered.ended('complete')
      },
      abort: (value) => {
        const offered = this.#meant(value)
        if (offered === undefined) return others.abort(value)
        offered.ended(value.reason ?? 'failed')
      },
    }
  }

  /** The component is away: whatever is under way, nobody knows what becomes of it. */
  lost(): void {
    this.#presence.abort(new FileTransferError('component-away'))
    this.#presence = new AbortController()
  }

  /** The component may have begun anew, and know nothing of what is under way: it is asked at once. */
  askAgain(): void {
    for (const words of this.#offered.values()) words.lookAgain()
  }

  /** Ends all of it. */
  stop(): void {
    this.#life.abort(new FileTransferError('stopped'))
  }

  /**
   * Sends the list of a share. Resolves when it is in the catalogue and durable: the component then holds `head.seq`.
   *
   * Rejects with FileTransferError: `unreachable` where the component takes no lists, its port cannot be reached, or its places
   * stay taken (say it by stanzas); `component-away` when nobody knows what became of it (ask what is held);
   * `component-refused` with the reason as detail, `bad-data`; `stopped`; else the signal's reason. With BadList as {@link packList}.
   */
  async send(head: ListHead, entries: Iterable<Entry>, signal?: AbortSignal): Promise<void> {
    await this.#inTurn(this.#path, signal, (until) => packList(this.#path, head, entries, until))
  }

  /** As {@link send}, for a list that is packed already. The file is taken away at the end, however it ends. */
  async sendPacked(path: string, signal?: AbortSignal): Promise<void> {
    await this.#inTurn(path, signal)
  }

  /**
   * Tries whether a list could be brought, without bringing one: it is offered, the port is dialled, and that is all.
   * Rejects as {@link send} where the component is away or refuses it.
   * @param deadlineMs for the link
   */
  async tryOut(deadlineMs: number, until: AbortSignal): Promise<ListTrial> {
    // What a device offers anew takes the place of what it offered before.
    if (this.#under > 0) return { is: 'busy' }
    return await this.#alone((life) => this.#tryOut(deadlineMs, AbortSignal.any([until, life])))
  }

  async #tryOut(deadlineMs: number, until: AbortSignal): Promise<ListTrial> {
    const signal = AbortSignal.any([until, this.#presence.signal])
    const id = newOfferId()
    const words = waitFor(signal)
    this.#offered.set(id, words)
    try {
      const outcome = await this.#around.mouth.say(this.#offerOf(id, 1, randomBytes(32)), signal)
      signal.throwIfAborted()
      if (outcome.is === 'later') return { is: 'busy' }
      if (isClosed(outcome)) return { is: 'closed' }
      if (outcome.is !== 'recorded') throw unoffered(outcome)
      const accept = await words.accept(acceptMs)
      if (accept === undefined) throw refusedFor((await words.end(0)) as Reason)
      const { way } = accept
      const named = way?.kind === 'listening' ? way.candidates : []
      const at = named.flatMap((each) => ('ip' in each ? [`${each.ip} ${each.port}`] : []))
      const link = await this.#dial(accept, signal, deadlineMs).catch(() => undefined)
      signal.throwIfAborted()
      link?.destroy()
      // It ends there, and that is waited for: the next list would take its place.
      await this.#isForgotten(accept, signal)
      await words.end(askAgainMs)
      return { is: link === undefined ? 'unreached' : 'reached', at }
    } finally {
      this.#offered.delete(id)
    }
  }

  async #inTurn(
    path: string,
    signal: AbortSignal | undefined,
    pack?: (until: AbortSignal) => Promise<void>,
  ): Promise<void> {
    // The component would see this machine's address.
    if (this.#around.settings.path === 'relay') throw new FileTransferError('unreachable')
    await this.#alone(async (life) => {
      const until = AbortSignal.any([life, ...(signal ? [signal] : [])])
      until.throwIfAborted()
      try {
        await pack?.(until)
        await this.#offerFile(path, until)
      } catch (error) {
        until.throwIfAborted()
        throw error
      } finally {
        rmSync(path, { force: true })
      }
    })
  }

  /** After all that came before. */
  async #alone<T>(work: (life: AbortSignal) => Promise<T>): Promise<T> {
    this.#under++
    const mine = this.#turn.then(() => work(this.#life.signal)).finally(() => this.#under--)
    this.#turn = mine.catch(() => undefined)
    return await mine
  }

  async #offerFile(path: string, until: AbortSignal): Promise<void> {
    const source = await openSource(path)
    try {
      const root = await hashSource(source, { signal: until })
      for (let tries = 1; ; tries++) {
        const how = await this.#offerOnce(source, root, until)
        if (how === 'complete') return
        if (how !== 'failed' || tries === maxTries) throw refusedFor(how)
        await delay(tries * 500, undefined, { signal: until })
      }
    } finally {
      source.close()
    }
  }

  async #offerOnce(source: Source, root: Uint8Array, until: AbortSignal): Promise<'complete' | Reason> {
    const id = newOfferId()
    const signal = AbortSignal.any([until, this.#presence.signal])
    const words = waitFor(signal)
    this.#offered.set(id, words)
    try {
      const accept = await this.#acceptOf(
        words,
        () => this.#sayOffer(id, source.filesize, root, signal),
        signal,
      )
      // It said no.
      if (accept === undefined) return await words.end(0)
      let link: Link
      try {
        link = await this.#dial(accept, signal)
      } catch (error) {
        signal.throwIfAborted()
        if (await this.#isForgotten(accept, signal)) return 'failed'
        const code = error instanceof LinkFailed ? error.code : undefined
        throw new FileTransferError('unreachable', code, { cause: error })
      }
      const serving = serve(link, source, { root, identity: source.identity, signal })
      // Whether it is taken is for the component to say.
      const moved = await serving.done.then(() => true).catch(() => false)
      signal.throwIfAborted()
      if (!moved && (await this.#isForgotten(accept, signal))) return 'failed'
      return await this.#endOf(words, accept, moved ? takeInMs : acceptMs, signal)
    } catch (error) {
      signal.throwIfAborted()
      throw error
    } finally {
      this.#offered.delete(id)
    }
  }

  /**
   * Says the offer, and waits for the accept. A component that was killed after it took the offer never says it, however soon it is
   * back: so the same is said again, which changes nothing where it is known.
   */
  async #acceptOf(words: OfferWords, say: () => Promise<void>, signal: AbortSignal) {
    const until = performance.now() + acceptMs
    for (;;) {
      await say()
      const leftMs = until - performance.now()
      try {
        return await words.accept(Math.min(askAgainMs, leftMs))
      } catch (error) {
        if (signal.aborted || leftMs <= askAgainMs) throw error
      }
    }
  }

  /** Waits for the end. A component that was killed meanwhile says nothing of it any more, however soon it is back: so it is asked. */
  async #endOf(
    words: OfferWords,
    accept: Accept,
    ms: number,
    signal: AbortSignal,
  ): Promise<'complete' | Reason> {
    const until = performance.now() + ms
    for (;;) {
      const leftMs = until - performance.now()
      try {
        return await words.end(Math.min(askAgainMs, leftMs))
      } catch (error) {
        if (signal.aborted || leftMs <= askAgainMs) throw error
        if (await this.#isForgotten(accept, signal)) return 'failed'
      }
    }
  }

  /** Says that nothing came of the link, which changes nothing where the list is being taken in. @returns whether the component knows nothing of the list any more. @throws when it is away */
  async #isForgotten({ sid }: Accept, signal: AbortSignal): Promise<boolean> {
    const outcome = await this.#around.mouth.say(
      { action: 'timeout', value: { sid: sid!, attempt: 1 } },
      signal,
    )
    signal.throwIfAborted()
    if (outcome.is === 'unsaid') throw new FileTransferError('component-away')
    return outcome.is === 'unknown'
  }

  /** Says the offer; where there is no place now, again after a while. */
  async #sayOffer(id: string, filesize: number, root: Uint8Array, signal: AbortSignal): Promise<void> {
    const offer = this.#offerOf(id, filesize, root)
    for (let laters = 0; ; laters++) {
      const outcome = await this.#around.mouth.say(offer, signal)
      signal.throwIfAborted()
      if (outcome.is === 'recorded') return
      if (outcome.is === 'later' && laters < maxLaters) await delay(outcome.ms, undefined, { signal })
      else throw unoffered(outcome)
    }
  }

  #offerOf(id: string, filesize: number, root: Uint8Array): Action {
    const file = { filename: listFilename, filesize, root, hashes: [], rootLater: false }
    const value = { id, peer: this.#around.settings.component, every: false, files: [file] }
    return { action: 'offer', value }
  }

  async #dial(
    { device, way, token }: Accept,
    signal: AbortSignal,
    deadlineMs = this.#around.settings.linkDeadlineMs,
  ): Promise<Link> {
    const { identity, settings, dialBudget } = this.#around
    const { allowLoopback, component } = settings
    if (device === undefined || token === undefined || way?.kind !== 'listening') {
      throw new FileTransferError('unreachable', 'no address')
    }
    const attempt = openAttempt({
      side: 'sending',
      identity: await identity,
      peerDevice: device,
      token,
      listen: false,
      allowLoopback,
      deadlineMs,
      signal,
    })
    attempt.dial(dialBudget.allow(component, way.candidates))
    const link = await attempt.link
    dialBudget.proven(component, link.remoteAddress)
    return link
  }

  #meant({ id, peer }: Routing): OfferWords | undefined {
    const offered = id === undefined ? undefined : this.#offered.get(id)
    if (offered !== undefined && peer !== this.#around.settings.component) throw Refused.by('not-found')
    return offered
  }
}

const isClosed = (outcome: Outcome) =>
  outcome.is === 'refused' && outcome.why.detail?.startsWith('feature-not-implemented') === true

/** Why an offer of a list is not recorded. */
function unoffered(outcome: Exclude<Outcome, { is: 'recorded' }>): FileTransferError {
  if (outcome.is === 'unsaid') return new FileTransferError('component-away')
  if (outcome.is === 'later') return new FileTransferError('unreachable', 'no place for a list')
  if (isClosed(outcome)) return new FileTransferError('unreachable', 'the component takes no lists')
  return outcome.is === 'refused' ? outcome.why : new FileTransferError('component-refused', outcome.is)
}

function refusedFor(reason: Reason): FileTransferError {
  if (reason === 'bad-data') return new FileTransferError('bad-data', 'the component cannot read the list')
  if (reason === 'failed') return new FileTransferError('unreachable', 'the link breaks')
  return new FileTransferError('component-refused', reason)
}
