/** All contents that are got, or were: those that the journal holds unfinished, and the last that ended. */

import { safeName } from '../../protocol/names.js'
import type { AcceptOptions } from '../api.js'
import { newOfferId } from '../chance.js'
import { FileTransferError } from '../errors.js'
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
    for (const record of context.register.pursuits) this.#all.set(record.id, new Getting(context, record))
  }

  all(): Getting[] {
    return [...this.#all.values()]
  }

  named(id: string): Getting | undefined {
    return this.#all.get(id)
  }

  /**
   * Begins to get a content. Resolves when it is in the journal; sources are asked then.
   * @throws FileTransferError `not-found` where nobody has it, and as `destinationFor`
   */
  async begin(root: string, wanted: string | undefined, options: AcceptOptions): Promise<Getting> {
    const { signal = this.stopped, onConflict = 'rename' } = options
    const sources = await this.context.sources(root, signal)
    const chosen = options.filename ?? wanted
    // Where no name was chosen, one that can be no file's name stands in nobody's way.
    const first =
      sources.find(({ path }) => chosen !== undefined || safeName(lastName(path)).ok) ?? sources[0]
    if (first === undefined) throw new FileTransferError('not-found')
    const filename = chosen ?? lastName(first.path)
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
      pursuit: { root, liars: [], ...(chosen !== undefined && { filename: chosen }) },
      phase: 'proposed',
      attempt: 0,
      created: Date.now(),
    })
    const getting = new Getting(this.context, record)
    this.#all.set(record.id, getting)
    this.#forgetSome()
    getting.show('proposed')
    getting.go()
    follow(getting, options.signal)
    return getting
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
function follow(getting: Getting, signal: AbortSignal | undefined): void {
  if (signal === undefined) return
  const abort = () => getting.abort().catch(() => undefined)
  if (signal.aborted) return void abort()
  signal.addEventListener('abort', abort, { once: true })
  const letGo = () => signal.removeEventListener('abort', abort)
  getting.finished.then(letGo, letGo)
}
