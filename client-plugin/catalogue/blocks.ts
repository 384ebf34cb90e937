/**
 * Whom our person blocks on his own server, told to the component: who is blocked finds nothing of his, and what he offers reaches no
 * device of his (docs/catalogue.md, "Blocking"). Who shares something says it before anything is published (share/publisher.ts); who
 * shares nothing says it where there is somebody on the list, or was.
 */

import { type BlockList, maxBlockedDomains, maxBlockedPeers } from '../../schemas/index.js'
import { RequestRefused } from '../../wire/index.js'
import { FileTransferError } from '../errors.js'
import type { Journal } from '../journal/journal.js'
import type { Asking } from './asking.js'

/** What the journal remembers: whether the component was told of anybody. */
const toldNote = 'blocks-told'

export interface BlocksAround {
  /** As the server has it; undefined while that is not known. */
  list(): BlockList | undefined
  readonly journal: Pick<Journal, 'recall' | 'remember'>
  report(trouble: FileTransferError): void
}

export class Blocks {
  readonly #waiting = new Set<() => void>()

  constructor(
    readonly asking: Asking,
    readonly around: BlocksAround,
  ) {}

  /** The list is known now, or has changed. */
  changed(): void {
    for (const go of [...this.#waiting]) go()
  }

  /** Tells the component whom the server's list names, once that is known. Rejects with why it could not be told. */
  async tell(): Promise<void> {
    const { stopped } = this.asking
    let list = this.around.list()
    while (list === undefined) {
      stopped.throwIfAborted()
      await new Promise<void>((resolve) => {
        const go = () => {
          this.#waiting.delete(go)
          stopped.removeEventListener('abort', go)
          resolve()
        }
        this.#waiting.add(go)
        stopped.addEventListener('abort', go)
      })
      list = this.around.list()
    }
    const { journal } = this.around
    await this.asking.ask('blocking', this.#bounded(list))
    const told = list.domains.length + list.peers.length > 0 ? '1' : '0'
    if ((journal.recall(toldNote) ?? '0') !== told) journal.remember(toldNote, told)
  }

  /** As `tell`, where there is somebody to be told of, or was. Never rejects. */
  async tellIfAny(): Promise<void> {
    try {
      const list = this.around.list()
      if (list === undefined) return
      const isNone = list.domains.length + list.peers.length === 0
      if (isNone && this.around.journal.recall(toldNote) !== '1') return
      await this.tell()
    } catch (error) {
      // A component without a catalogue knows nothing of it; all else is tried again at the next login.
      if (this.asking.stopped.aborted || error instanceof RequestRefused) return
      this.around.report(new FileTransferError('component-away', undefined, { cause: error }))
    }
  }

  #bounded({ domains, peers }: BlockList): BlockList {
    if (domains.length > maxBlockedDomains || peers.length > maxBlockedPeers) {
      this.around.report(new FileTransferError('quota', 'more are blocked than the catalogue takes'))
    }
    return { domains: domains.slice(0, maxBlockedDomains), peers: peers.slice(0, maxBlockedPeers) }
  }
}
