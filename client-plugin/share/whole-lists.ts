/**
 * When a share goes as a whole list over a link, and its way there (docs/catalogue.md, "The whole list"). Who cannot be
 * reached that way is told by stanzas, and is tried again after a while.
 */

import { maxListEntries } from '../../protocol/catalogue-list/index.js'
import { FileTransferError } from '../errors.js'
import type { ShareStand } from './keeper-messages.js'
import type { KeeperThread } from './keeper-thread.js'
import type { ListOffers } from './offer-list.js'
import { isListShorter } from './stanza-pace.js'

/** After a list could not be brought there, ms. */
const laterMs = 600_000
/** Nobody knows what became of it: so often it is tried again at once. */
const maxUnknown = 3
/** While files are being hashed, a list goes at most so often, ms, and when it has grown by half. */
const betweenMs = 60_000

export class WholeLists {
  readonly #busy = new Set<string>()
  readonly #begun = new Map<string, number>()
  #notBefore = Number.NEGATIVE_INFINITY
  #unknown = 0

  constructor(
    readonly keeper: KeeperThread,
    readonly offers: Pick<ListOffers, 'sendPacked'>,
    readonly report: (trouble: FileTransferError) => void,
  ) {}

  /** Whether a share's list is on its way: nothing else is said of the share then. */
  isBusy(id: string): boolean {
    return this.#busy.has(id)
  }

  /** How the changes of a share are to be told; `wait` for a list that will hold more. */
  wayFor({ id, dirty, files, told, phase, unhashedFiles }: ShareStand): 'link' | 'stanzas' | 'wait' {
    const now = performance.now()
    if (now < this.#notBefore || files > maxListEntries || !isListShorter(dirty, files)) return 'stanzas'
    if (phase !== 'scanning' && unhashedFiles === 0) return 'link'
    const last = this.#begun.get(id) ?? Number.NEGATIVE_INFINITY
    return now - last > betweenMs && dirty > told / 2 && last !== Number.NEGATIVE_INFINITY ? 'link' : 'wait'
  }

  /** Makes a list and sends it; `onEnd` is called when it is in the catalogue, or will not be. */
  begin({ id }: ShareStand, onEnd: () => void): void {
    this.#busy.add(id)
    this.#begun.set(id, performance.now())
    this.#send(id)
      .catch((error) => {
        const trouble = error instanceof FileTransferError ? error : undefined
        if (trouble?.code === 'stopped' || trouble?.code === 'unknown-share') return
        // A component that has lost its memory meanwhile is told of the share again, and takes it then.
        const isLost = trouble?.code === 'component-refused' && trouble.detail === 'not-found'
        const isUnknown = (trouble?.code === 'component-away' || isLost) && ++this.#unknown < maxUnknown
        if (isUnknown && isLost) return
        if (!isUnknown) this.#notBefore = performance.now() + laterMs
        // Where lists are not taken, stanzas go the same way: nobody needs to hear of it.
        if (trouble?.code === 'unreachable' || trouble?.code === 'component-away') return
        this.report(trouble ?? new FileTransferError('internal', 'a list', { cause: error }))
      })
      .finally(() => {
        this.#busy.delete(id)
        onEnd()
      })
  }

  async #send(id: string): Promise<void> {
    const { file, seq } = await this.keeper.call('list', id, 0)
    await this.offers.sendPacked(file)
    this.#unknown = 0
    await this.keeper.call('held', id, seq)
  }
}
