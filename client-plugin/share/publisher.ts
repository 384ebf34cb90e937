/**
 * Telling the component what is shared (docs/catalogue.md, "Publishing").
 *
 * Rules: one word at a time, and nothing before the keeper has it on the disk; what the component says that it holds
 * decides how to go on; what it refuses for now is said again after a while, within our own bounds; people chat on the
 * same stream, so publications are paced; of what is more than the component takes, what was removed is told all the same, and
 * so is every other share; so it is where a change of one is not taken (not-taken.ts).
 */

import { setTimeout as delay } from 'node:timers/promises'
import { held, registered } from '../../schemas/index.js'
import { RequestFailed, RequestRefused } from '../../wire/index.js'
import { type Asking, readAnswer } from '../catalogue/asking.js'
import type { Blocks } from '../catalogue/blocks.js'
import { catalogueTrouble } from '../catalogue/trouble.js'
import { FileTransferError } from '../errors.js'
import { Arguing } from './arguing.js'
import type { ShareStand } from './keeper-messages.js'
import type { KeeperThread } from './keeper-thread.js'
import { entryFrom } from './keeping/changes.js'
import { NotTaken } from './not-taken.js'
import { newShareId } from './share-id.js'
import { publicationBytes, StanzaPace } from './stanza-pace.js'
import type { WholeLists } from './whole-lists.js'

/** How long to wait after a refusal that says nothing of it, ms; doubled each time, up to the longest. */
const shortestMs = 1_000
const longestMs = 60_000
/** Where waiting is of little use: a quota, an older component, a refusal for good, ms. */
const hopelessMs = 600_000
/** So often the component is asked what it holds, even when nothing happens: it may have lost its memory, ms. */
const askAgainMs = 900_000
/** And not more often than so, ms. */
const betweenAskingsMs = 3_000

export class Publisher {
  /** Why nothing is published at the moment. */
  trouble: FileTransferError | undefined
  readonly #pace = new StanzaPace()
  readonly #arguing = new Arguing()
  /** In this round the component has held something else than we. */
  #hasArgued = false
  /** Counts the logins; the one we registered in. */
  #login = 0
  #registeredIn = -1
  #areBlocksTold = false
  /** Whether what the component holds is to be asked, when that was done last, and a later time for it. */
  #mustAsk = false
  #askedAt = Number.NEGATIVE_INFINITY
  #asking: NodeJS.Timeout | undefined
  #isWoken = false
  #wake: (() => void) | undefined
  #waitMs = shortestMs
  readonly #forgetting = new Map<string, () => void>()
  /** Shares of which there is more than the component takes, until that is tried again. */
  readonly #full = new Map<string, RequestRefused>()
  readonly #notTaken = new NotTaken(() => this.wake())
  /** Whether our person wants something told that may end a pause. */
  #isUrged = false

  constructor(
    readonly asking: Asking,
    readonly keeper: KeeperThread,
    readonly lists: WholeLists,
    readonly blocks: Pick<Blocks, 'tell'>,
    readonly onChange: () => void,
  ) {}

  /** Whether the component has been told of us in this login. */
  get isRegistered(): boolean {
    return this.#registeredIn === this.#login && this.asking.session.isIn
  }

  /** Goes on until the plugin is stopped. Never rejects. */
  async run(): Promise<void> {
    const { stopped, session } = this.asking
    const again = setInterval(() => this.askAgain(), askAgainMs)
    again.unref()
    const end = () => {
      clearInterval(again)
      clearTimeout(this.#asking)
      this.#notTaken.clear()
    }
    stopped.addEventListener('abort', end, { once: true })
    while (!stopped.aborted) {
      try {
        await this.#woken()
        await session.whenIn(stopped)
        while (await this.#round()) {
          this.#settle(this.#full.size > 0 ? this.trouble : this.#notTaken.trouble)
          await this.#restFromArguing()
        }
        this.#waitMs = shortestMs
        this.#settle(this.#notTaken.trouble)
      } catch (error) {
        if (stopped.aborted) return
        await this.#fail(error)
      }
    }
  }

  /** Logged in (again): the component may have forgotten us. */
  loggedIn(): void {
    this.#login++
    this.#notTaken.clear()
    this.#areBlocksTold = false
    this.wake()
  }

  /** The component may hold something else than we think: it was started again, for one. It is asked, not too often. */
  askAgain(): void {
    if (this.#asking !== undefined || this.asking.stopped.aborted) return
    const sinceMs = performance.now() - this.#askedAt
    this.#asking = setTimeout(
      () => {
        this.#asking = undefined
        this.#mustAsk = true
        this.wake()
      },
      Math.max(0, betweenAskingsMs - sinceMs),
    )
    this.#asking.unref()
  }

  /** Whom our person blocks has changed. */
  blocksChanged(): void {
    this.#areBlocksTold = false
    this.wake()
  }

  /** Logged out: what is remembered is said at the next login. */
  loggedOut(): void {
    this.#releaseAll()
  }

  know(stands: ShareStand[]): void {
    if (stands.length > 0) this.wake()
  }

  wake(): void {
    this.#isWoken = true
    this.#wake?.()
  }

  /** Our person wants something told: what is only refused is not waited for. */
  urge(): void {
    this.#isUrged = true
    this.wake()
  }

  /** Resolves when the component has forgotten this share, or when that is remembered and has to wait. */
  async forgotten(id: string): Promise<void> {
    if (!this.asking.session.isIn) return
    const done = new Promise<void>((resolve) => this.#forgetting.set(id, resolve))
    this.urge()
    await done
  }

  /** One word about each share. @returns whether there may be more to say */
  async #round(): Promise<boolean> {
    this.#isWoken = false
    if (this.#isUrged) this.#notTaken.endPauses()
    this.#isUrged = false
    // Who shares nothing needs no keeper.
    if (!this.keeper.wasStarted) return false
    const { id, ended } = await this.keeper.call('registration')
    const stands = await this.keeper.call('stands')
    if (stands.length === 0 && ended.length === 0) return false
    this.#notTaken.keep(new Set(stands.map(({ id }) => id)))
    if (!this.#areBlocksTold) await this.#tellBlocks()
    if (!this.isRegistered || this.#mustAsk) await this.#register(id, stands)
    for (const each of ended) await this.#forget(each)
    let saidSome = false
    for (const stand of stands) {
      if (await this.#notTaken.unlessPausing(stand.id, () => this.#tell(stand))) saidSome = true
    }
    if (saidSome) return true
    for (const refusal of this.#full.values()) throw refusal
    return false
  }

  async #tellBlocks(): Promise<void> {
    this.#areBlocksTold = true
    try {
      await this.blocks.tell()
    } catch (error) {
      // A component that knows nothing of it is no reason to be silent.
      if (error instanceof RequestRefused && error.condition === 'feature-not-implemented') return
      this.#areBlocksTold = false
      throw error
    }
  }

  async #register(id: string | undefined, stands: ShareStand[]): Promise<void> {
    const login = this.#login
    this.#mustAsk = false
    this.#askedAt = performance.now()
    const given = readAnswer(registered, await this.asking.ask('register', id === undefined ? {} : { id }))
    const isNew = given.id !== id
    // Stored before it is used.
    if (isNew) await this.keeper.call('registered', given.id)
    const heldOf = new Map(given.held.map(({ share, seq }) => [share, seq]))
    for (const stand of stands) {
      const seq = heldOf.get(stand.id)
      if (isNew || seq === undefined) await this.#startOver(stand)
      else await this.#compare(stand, seq)
      heldOf.delete(stand.id)
    }
    // What we do not know is not ours any more.
    for (const share of heldOf.keys()) await this.#forget(share)
    this.#registeredIn = login
  }

  async #forget(id: string): Promise<void> {
    await this.asking.ask('unshare', { id }).catch((error) => {
      if (!(error instanceof RequestRefused && error.condition === 'item-not-found')) throw error
    })
    await this.keeper.call('forgotten', id)
    this.#forgetting.get(id)?.()
    this.#forgetting.delete(id)
  }

  /** Says the next word about a share. @returns whether something was said */
  async #tell(stand: ShareStand): Promise<boolean> {
    const { id } = stand
    try {
      if (!stand.isTold) {
        if (this.#full.has(id) && !stand.isKnown) return false
        await this.#share(stand)
        return true
      }
      if (this.lists.isBusy(id)) return false
      if (stand.listing !== undefined) {
        // Whether it arrived, the component knows.
        await this.#share(stand)
        await this.keeper.call('dropList', id)
        return true
      }
      const way = stand.saying === undefined ? this.lists.wayFor(stand) : 'stanzas'
      if (way === 'stanzas') return await this.#publish(stand)
      if (way === 'link') this.lists.begin(stand, () => this.wake())
      return false
    } catch (error) {
      // Ended meanwhile.
      if (error instanceof FileTransferError && error.code === 'unknown-share') return true
      if (!(error instanceof RequestRefused)) throw error
      if (error.condition === 'item-not-found') await this.keeper.call('startOver', id)
      else if (error.condition === 'conflict') await this.keeper.call('rename', id, newShareId())
      else if (error.app?.name === 'quota' && !this.#full.has(id)) {
        this.#full.set(id, error)
        await this.keeper.call('refused', id)
        return true
        // What is wrong with one says nothing of the others (not-taken.ts).
      } else if (error.type === 'modify') throw catalogueTrouble(error)
      else throw error
      // Should it never agree with us, we do not argue without a pause.
      await delay(shortestMs, undefined, { signal: this.asking.stopped })
      return true
    }
  }

  async #share({ id, settings, ...stand }: ShareStand): Promise<void> {
    const { name, tags, visibleTo: visibility } = settings
    const { seq } = readAnswer(held, await this.asking.ask('share', { id, name, tags, visibility }))
    if (!stand.isKnown && seq === 0) await this.#startOver({ id, settings, ...stand })
    else if (!(await this.#compare({ id, settings, ...stand }, seq))) return
    await this.keeper.call('toldSettings', id, settings)
  }

  async #publish({ id }: ShareStand): Promise<boolean> {
    const change = await this.keeper.call('take', id, this.#full.has(id))
    if (change === undefined) return false
    const { base, seq, removes } = change
    const waitMs = this.#pace.waitMs(performance.now())
    if (waitMs > 0) await delay(waitMs, undefined, { signal: this.asking.stopped })
    this.onChange()
    const adds = change.adds.map(entryFrom)
    const added = adds.map(({ path }) => path)
    const saidAt = performance.now()
    const answer = readAnswer(held, await this.asking.ask('publish', { share: id, base, seq, removes, adds }))
    this.#pace.answered(publicationBytes(added, removes), saidAt, performance.now())
    if (answer.seq === seq) await this.keeper.call('held', id, seq)
    else {
      const stand = (await this.keeper.call('stands')).find((each) => each.id === id)
      if (stand !== undefined && answer.seq !== stand.held) await this.#compare(stand, answer.seq)
      // It holds what this change follows, and did not take it: that would go on for ever.
      else throw new FileTransferError('component-refused', 'a change was not taken')
    }
    return true
  }

  /**
   * What the component holds of a share, against our books.
   * @returns false where the two cannot be brought together: the share is told anew, under another id
   */
  async #compare(stand: ShareStand, seq: number): Promise<boolean> {
    if (seq === stand.held) return true
    if (seq === stand.saying || seq === stand.listing) {
      await this.keeper.call('held', stand.id, seq)
      return true
    }
    this.#hasArgued = true
    if (seq === 0) await this.#startOver(stand)
    // An older copy of its memory is in use there, or of ours here (docs/catalogue.md, "Changes").
    else await this.keeper.call('rename', stand.id, newShareId())
    return seq === 0
  }

  /** Once a round, however many shares it was about. */
  async #restFromArguing(): Promise<void> {
    if (!this.#hasArgued) return
    this.#hasArgued = false
    const ms = this.#arguing.pauseMs(performance.now())
    if (ms === 0) return
    this.#releaseAll()
    await this.#pause(this.#login, ms)
  }

  async #startOver({ id, isKnown, held: seq, told, saying }: ShareStand): Promise<void> {
    if (isKnown || seq > 0 || told > 0 || saying !== undefined) await this.keeper.call('startOver', id)
  }

  #settle(trouble: FileTransferError | undefined): void {
    if (trouble === undefined) this.#waitMs = shortestMs
    this.trouble = trouble
    this.onChange()
  }

  /** Waits as long as is of use, or until the next login. */
  async #fail(error: unknown): Promise<void> {
    this.#releaseAll()
    this.#settle(catalogueTrouble(error))
    const login = this.#login
    let ms = this.#waitMs
    this.#waitMs = Math.min(longestMs, this.#waitMs * 2)
    if (error instanceof RequestFailed) {
      if (error.code === 'timeout') this.asking.session.doubt()
    } else if (error instanceof RequestRefused) {
      const { condition, type, app } = error
      // Their number is heeded between one second and a minute only (P21).
      if (app?.name === 'retry') ms = Math.min(longestMs, Math.max(shortestMs, app.afterSeconds * 1_000))
      else if (condition === 'unexpected-request') this.#registeredIn = -1
      else if (app?.name === 'quota') ms = longestMs
      else if (type !== 'wait') ms = hopelessMs
    }
    const mayBeUrged =
      error instanceof RequestRefused && (error.app?.name === 'quota' || error.type !== 'wait')
    await this.#pause(login, ms, mayBeUrged)
    this.#full.clear()
    this.wake()
  }

  /** Resolves after so many ms, or at the next login, which may change everything, or at the end; or when it is urged. */
  async #pause(login: number, ms: number, mayBeUrged = false): Promise<void> {
    const { stopped } = this.asking
    const until = performance.now() + ms
    while (performance.now() < until && this.#login === login && !stopped.aborted) {
      if (mayBeUrged && this.#isUrged) return
      if (!mayBeUrged) this.#releaseAll()
      this.#isWoken = false
      const over = new AbortController()
      const timer = delay(until - performance.now(), undefined, { signal: over.signal }).catch(
        () => undefined,
      )
      await Promise.race([timer, this.#woken().catch(() => undefined)])
      over.abort()
    }
  }

  #releaseAll(): void {
    for (const resolve of this.#forgetting.values()) resolve()
    this.#forgetting.clear()
  }

  async #woken(): Promise<void> {
    const { stopped } = this.asking
    if (this.#isWoken) return
    await new Promise<void>((resolve, reject) => {
      const done = () => {
        stopped.removeEventListener('abort', fail)
        this.#wake = undefined
        resolve()
      }
      const fail = () => {
        this.#wake = undefined
        reject(stopped.reason)
      }
      this.#wake = done
      stopped.addEventListener('abort', fail, { once: true })
    })
  }
}
