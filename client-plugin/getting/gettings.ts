/** All contents that are got, or were: those that the journal holds unfinished, and the last that ended. */

import { safeName } from '../../protocol/names.js'
import type { AcceptOptions, Source } from '../api.js'
import { newOfferId } from '../chance.js'
import { FileTransferError } from '../errors.js'
import type { Origin, TransferRecord } from '../journal/record.js'
import { destinationFor } from '../proposal/destination.js'
import { via } from '../proposal/own.js'
import { localTrouble } from '../transfer/local-trouble.js'
import { lastName } from './draft-get.js'
import { Getting, type PursuitContext } from './getting.js'

/** Those that ended are kept in memory up to this number. */
const endedKept = 1_000

export class Gettings {
  readonly #all = new Map<string, Getting>()

  constructor(
    readonly context: PursuitContext,
    /** Fires when the plugin is stopped. */
    readonly stopped: AbortSignal,
  ) {
    for (const record of context.register.pursuits) this.known(record)
  }

  all(): Getting[] {
    return [...this.#all.values()]
  }

  named(id: string): Getting | undefined {
    return this.#all.get(id)
  }

  /** The one of a record that the journal has. */
  known(record: TransferRecord): Getting {
    const known = this.#all.get(record.id)
    if (known !== undefined) return known
    const getting = new Getting(this.context, record)
    this.#all.set(record.id, getting)
    this.#forgetSome()
    return getting
  }

  /**
   * Begins to get a content. Resolves when it is in the journal; sources are asked then.
   * @throws FileTransferError `not-found` where nobody has it, and as `destinationFor`
   */
  async begin(
    { root, filesize, origin }: { root: string; filesize?: number; origin?: Origin },
    wanted: string | undefined,
    options: AcceptOptions,
  ): Promise<Getting> {
    const { onConflict = 'rename' } = options
    const chosen = options.filename ?? wanted
    const first = origin ?? (await this.#firstSource(root, chosen, options.signal))
    const filename = chosen ?? lastName(first.path!)
    const place = await destinationFor(filename, { ...options, onConflict: 'rename' }).catch((error) => {
      throw localTrouble(error)
    })
    const record = this.context.register.addPursuit({
      id: newOfferId(),
      authored: true,
      direction: 'receiving',
      peer: first.peer,
      filename,
      root,
      destination: { ...place, onConflict },
      ...via(options),
      ...(filesize !== undefined && { filesize }),
      pursuit: {
        root,
        liars: [],
        ...(chosen !== undefined && { filename: chosen }),
        ...(origin && { origin }),
      },
      phase: 'proposed',
      attempt: 0,
      created: Date.now(),
    })
    const getting = this.known(record)
    getting.show('proposed')
    getting.go()
    followGetting(getting, options.signal)
    return getting
  }

  async #firstSource(
    root: string,
    chosen: string | undefined,
    signal: AbortSignal = this.stopped,
  ): Promise<Origin | Source> {
    const sources = await this.context.sources(root, signal)
    // Where no name was chosen, one that can be no file's name stands in nobody's way.
    const named = sources.find(({ path }) => chosen !== undefined || safeName(lastName(path)).ok)
    const first = named ?? sources[0]
    if (first === undefined) throw new FileTransferError('not-found')
    return first
  }

  close(): void {
    for (const getting of this.#all.values()) getting.close()
  }

  #forgetSome(): void {
    if (this.#all.size <= 2 * endedKept) return
    const ended = this.all().filter(({ isOver }) => isOver)
    for (const { id } of ended.slice(0, -endedKept)) this.#all.delete(id)
  }
}

/** When the signal fires it is aborted. */
export function followGetting(getting: Getting, signal: AbortSignal | undefined): void {
  if (signal === undefined) return
  const abort = () => getting.abort().catch(() => undefined)
  if (signal.aborted) return void abort()
  signal.addEventListener('abort', abort, { once: true })
  const letGo = () => signal.removeEventListener('abort', abort)
  getting.finished.then(letGo, letGo)
}
