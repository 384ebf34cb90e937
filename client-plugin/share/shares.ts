/**
 * The folders that this device shares, for who holds the plugin: joins the keeper, who knows what is in them, and the
 * publisher, who tells the component.
 */

import { realpath, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type Element, maxShares } from '../../schemas/index.js'
import { isPing } from '../../schemas/xep/ping.js'
import type { LeftOut, ShareInfo, ShareOptions, Shares, SharesEvents } from '../api.js'
import { CarefulEmitter } from '../careful-emitter.js'
import type { Asking } from '../catalogue/asking.js'
import type { Blocks } from '../catalogue/blocks.js'
import { FileTransferError } from '../errors.js'
import { localPath, type Settings } from '../options.js'
import type { KeeperSettings, ShareStand } from './keeper-messages.js'
import { KeeperThread } from './keeper-thread.js'
import type { ListOffers } from './offer-list.js'
import { Publisher } from './publisher.js'
import { newShareId } from './share-id.js'
import { ShareIndex } from './share-index.js'
import { infoOf, infoOfRemembered, isSettled } from './share-info.js'
import { nameOfFolder, readShareOptions } from './share-settings.js'
import { WholeLists } from './whole-lists.js'

export interface SharesAround {
  readonly asking: Asking
  /** The state folder, and whether what is shared is looked after from the beginning. */
  readonly settings: Pick<Settings, 'state' | 'lookAfterShares'>
  readonly lists: ListOffers
  readonly blocks: Pick<Blocks, 'tell' | 'tellIfAny'>
  report(trouble: FileTransferError): void
  /** Told whenever something changed: what is shared, with whom, or how far it is. */
  changed(): void
}

const usual: KeeperSettings = { restMs: 1_000, gatherMs: 200, sweepMs: 300_000, maxWatches: 100_000 }

export class SharedFolders extends CarefulEmitter<SharesEvents> implements Shares {
  readonly index: ShareIndex
  readonly #around: SharesAround
  readonly #keeper: KeeperThread
  readonly #publisher: Publisher
  readonly #lists: WholeLists
  readonly #running: Promise<void>
  #stands = new Map<string, ShareStand>()
  readonly #shown = new Map<string, string>()
  /** Shares that are being ended: for everybody outside they are no more. */
  readonly #ending = new Set<string>()
  /** Those who wait for something to change. */
  readonly #waiting = new Set<() => void>()

  constructor(around: SharesAround) {
    super()
    this.#around = around
    const { asking, report } = around
    const { state: dir, lookAfterShares } = around.settings
    this.index = new ShareIndex(dir, () => asking.entity.jid?.bare().toString())
    this.#keeper = new KeeperThread(
      { file: join(dir, 'shares.sqlite'), dir, settings: usual },
      { stands: (stands) => this.#know(stands), fault: report },
    )
    this.#lists = new WholeLists(this.#keeper, around.lists, report)
    this.#publisher = new Publisher(asking, this.#keeper, this.#lists, around.blocks, () => this.#show())
    if (this.index.hasUntold || (lookAfterShares && this.index.shares().length > 0)) this.#keeper.start()
    // Whoever shares nothing any more pays for no open database; it is opened again when it is asked.
    else this.index.close()
    // It asks who is there when it was started again, and may have been set back to an older copy.
    asking.entity.on('stanza', this.#look)
    this.#running = this.#publisher.run()
    asking.stopped.addEventListener('abort', () => this.#changed(), { once: true })
  }

  /** For those who answer requests. */
  get shelf() {
    const index = this.index
    const isThere = (share: string) => !this.#ending.has(share)
    return {
      find: (share: string, path: string) => (isThere(share) ? index.find(share, path) : undefined),
      visibleTo: (share: string, peer: string) => isThere(share) && index.visibleTo(share, peer),
      isForAll: (share: string) => isThere(share) && index.isForAll(share),
      lookAgain: (share: string, path: string) =>
        this.#keeper.call('look', share, path).catch(() => undefined),
    }
  }

  readonly #look = (stanza: Element): void => {
    if (stanza.attrs.from === this.#around.asking.component && isPing(stanza)) this.#publisher.askAgain()
  }

  async add(folder: string, options: ShareOptions = {}): Promise<ShareInfo> {
    const settings = readShareOptions(options)
    const real = await realFolder(folder)
    if (real === (await realFolder(this.#around.settings.state)))
      throw new FileTransferError('bad-option', 'the state folder')
    const isNew = this.list().every((share) => share.folder !== real)
    if (isNew && this.list().length >= maxShares) {
      throw new FileTransferError('quota', `${maxShares} of ${maxShares}`)
    }
    const name = isNew ? (settings.name ?? nameOfFolder(real)) : settings.name
    const stand = await this.#keeper.call('add', real, {
      ...settings,
      ...(name !== undefined && { name }),
      id: newShareId(),
    })
    this.#stands.set(stand.id, stand)
    this.#publisher.urge()
    return this.#info(stand)
  }

  async remove(share: string): Promise<void> {
    const { id } = this.#named(share)
    // The keeper may be held up by a disk that does not answer. Who is being served hears it at once all the same.
    this.#ending.add(id)
    this.#changed()
    await this.#keeper.call('end', id).finally(() => this.#ending.delete(id))
    this.#stands.delete(id)
    this.#shown.delete(id)
    this.#changed()
    await this.#publisher.forgotten(id)
  }

  list(): ShareInfo[] {
    if (this.#stands.size > 0) return [...this.#stands.values()].map((stand) => this.#info(stand))
    return this.index.shares().map((share) => infoOfRemembered(share, !this.#keeper.wasStarted))
  }

  lookAfter(): void {
    if (this.#keeper.wasStarted || this.#around.asking.stopped.aborted) return
    if (this.index.shares().length > 0) {
      this.#keeper.start()
      this.#publisher.wake()
    } else this.index.close()
  }

  async current(share: string, signal?: AbortSignal): Promise<ShareInfo> {
    const { id } = this.#named(share)
    let isScanned = false
    let fault: unknown
    this.#keeper
      .call('scan', id)
      .then(() => this.#refresh())
      .then(
        () => {
          isScanned = true
        },
        (error) => {
          fault = error
        },
      )
      .finally(() => this.#changed())
    const changed = () => this.#changed()
    signal?.addEventListener('abort', changed)
    try {
      for (;;) {
        if (this.#around.asking.stopped.aborted) throw new FileTransferError('stopped')
        if (signal?.aborted) throw new FileTransferError('cancelled', undefined, { cause: signal.reason })
        if (fault !== undefined) throw fault
        const stand = this.#stands.get(id)
        if (isScanned && stand === undefined) throw new FileTransferError('unknown-share', share)
        if (isScanned && stand !== undefined && this.#isCurrent(stand)) return this.#info(stand)
        await new Promise<void>((resolve) => this.#waiting.add(resolve))
      }
    } finally {
      signal?.removeEventListener('abort', changed)
    }
  }

  leftOut(share: string): LeftOut[] {
    return this.index.leftOut(this.#named(share).id)
  }

  /** Logged in (again). */
  loggedIn(): void {
    this.#publisher.loggedIn()
    this.#show()
  }

  /** Whom our person blocks is known, or has changed; or the component is to hear it again. */
  blocksChanged(): void {
    this.#publisher.blocksChanged()
    // Whoever looks after a share says it before he publishes.
    if (!this.#keeper.wasStarted || this.list().length === 0) void this.#around.blocks.tellIfAny()
  }

  loggedOut(): void {
    this.#publisher.loggedOut()
    this.#show()
  }

  /** Writes what is known and frees the state folder. The plugin's signal has been given before. */
  async stop(): Promise<void> {
    this.#around.asking.entity.off('stanza', this.#look)
    await this.#running
    await this.#keeper.close()
    this.index.close()
    this.#changed()
  }

  #named(share: string): ShareInfo {
    const path = localPath(share)
    const all = this.list()
    const [named, another] = all.filter(({ name }) => name === share)
    const meant = all.find(({ id }) => id === share)
    // One of them would be taken back, and the other, which may be meant, not.
    if (meant === undefined && another !== undefined) {
      throw new FileTransferError('bad-option', `several shares are called ${share}: name the folder`)
    }
    const found = meant ?? named ?? all.find(({ folder }) => folder === path)
    if (found === undefined) throw new FileTransferError('unknown-share', share)
    return found
  }

  async #refresh(): Promise<void> {
    this.#know(await this.#keeper.call('stands'))
  }

  #know(stands: ShareStand[]): void {
    this.#stands = new Map(stands.map((stand) => [stand.id, stand]))
    this.#publisher.know(stands)
    this.#show()
  }

  #isCurrent(stand: ShareStand): boolean {
    return isSettled(stand) && this.#publisher.isRegistered && !this.#lists.isBusy(stand.id)
  }

  #info(stand: ShareStand): ShareInfo {
    const { asking } = this.#around
    return infoOf(stand, {
      isCurrent: this.#isCurrent(stand),
      isAway: !asking.session.isIn,
      isListing: this.#lists.isBusy(stand.id),
      trouble: this.#publisher.trouble,
    })
  }

  /** Tells what changed. */
  #show(): void {
    for (const stand of this.#stands.values()) {
      const info = this.#info(stand)
      const seen = JSON.stringify(info)
      const before = this.#shown.get(stand.id)
      if (seen === before) continue
      this.#shown.set(stand.id, seen)
      this.tell('progress', info)
      if (info.state === 'current' && !before?.includes('"state":"current"')) this.tell('current', info)
    }
    this.#changed()
  }

  #changed(): void {
    const waiting = [...this.#waiting]
    this.#waiting.clear()
    for (const go of waiting) go()
    this.#around.changed()
  }

  protected report(trouble: FileTransferError): void {
    this.#around.report(trouble)
  }
}

async function realFolder(folder: string): Promise<string> {
  try {
    const real = await realpath(localPath(folder))
    if ((await stat(real)).isDirectory()) return real
  } catch (error) {
    throw new FileTransferError('no-such-folder', folder, { cause: error })
  }
  throw new FileTransferError('no-such-folder', folder)
}
