/**
 * When a share goes as a whole list over a link, and its way there (docs/catalogue.md, "The whole list"). Who cannot be
 * reached that way is told by stanzas, and is tried again after a while.
 */

import { maxListEntries } from '../../protocol/catalogue-list/index.js'
import { FileTransferError } from '../errors.js'
import type { ShareStand } from './keeper-messages.js'
import type { KeeperThread } from './keeper-thread.js'
import type { ListOffers } from './offer-list.js'
import { isListShorter, secondsByList } from './stanza-pace.js'

/** After a list could not be brought there, ms. */
const laterMs = 600_000
/** Nobody knows what became of it: so often it is tried again at once. */
const maxUnknown = 3
/**
 * While files are being hashed, a list that would soon hold more is waited for so many times as long as it takes itself: whoever
 * adds or changes files without rest makes lists for a fifth of the time, and is told of in the end.
 */
const timesWaited = 4

export class WholeLists {
  readonly #busy = new Set<string>()
  /** Since when a share's next list is waited for, ms. */
  readonly #waiting = new Map<string, number>()
  #notBefore = Number.NEGATIVE_INFINITY
  #unknown = 0

  constructor(
    readonly keeper: KeeperThread,
    readonly offers: Pick<ListOffers, 'sendPacked'>,
    readonly report: (trouble: FileTransferError) => void,
    readonly now: () => number = () => performance.now(),
  ) {}

  /** Whether a share's list is on its way: nothing else is said of the share then. */
  isBusy(id: string): boolean {
    return this.#busy.has(id)
  }

  /** How the changes of a share are to be told; `wait` for a list that will hold more, not for ever. */
  wayFor(stand: ShareStand): 'link' | 'stanzas' | 'wait' {
    const { id, dirty, dirtyBytes, files, told, phase, unhashedFiles } = stand
    const now = this.now()
    const isForList = now >= this.#notBefore && files <= maxListEntries && isListShorter(dirtyBytes, files)
    if (isForList && (phase === 'scanning' || unhashedFiles > 0)) {
      const since = this.#waiting.get(id) ?? now
      this.#waiting.set(id, since)
      // What is not hashed yet is in no list.
      if (now - since < timesWaited * secondsByList(told + dirty) * 1_000) return 'wait'
    }
    this.#waiting.delete(id)
    return isForList ? 'link' : 'stanzas'
  }

  /** Makes a list and sends it; `onEnd` is called when it is in the catalogue, or will not be. */
  begin({ id }: ShareStand, onEnd: () => void): void {
    this.#busy.add(id)
    this.#send(id)
      .catch((error) => {
        const trouble = error instanceof FileTransferError ? error : undefined
        if (trouble?.code === 'stopped' || trouble?.code === 'unknown-share') return
        // A component that has lost its memory meanwhile is told of the share again, and takes it then.
        const isLost = trouble?.code === 'component-refused' && trouble.detail === 'not-found'
        const isUnknown = (trouble?.code === 'component-away' || isLost) && ++this.#unknown < maxUnknown
        if (isUnknown && isLost) return
        if (!isUnknown) this.#notBefore = this.now() + laterMs
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
