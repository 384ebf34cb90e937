/** How a whole folder comes on: told some four times a second while it is got, and summed up in the end. */
import type { CatalogueClient } from '../../client-plugin/index.js'
import type { Report } from '../words.js'
import type { Conversation } from './conversation.js'
import type { Place } from './share-path.js'

type Sum = Extract<Report, { report: 'folder-got' }>

const betweenMs = 250
/** Of the list that has the folder, so many pages are looked at for how many files it has. */
const mostPages = 5

export class FolderSum {
  readonly path: string
  #fetched = 0
  #bytes = 0
  #there = 0
  #failed = 0
  /** How many there are, as soon as that is known. */
  #files: number | undefined
  #toldAt = Number.NEGATIVE_INFINITY
  #isOver = false

  constructor(
    readonly peer: string,
    { path, label }: Place,
    readonly conversation: Pick<Conversation, 'report'>,
  ) {
    this.path = path === '' ? label : `${label}/${path}`
  }

  /** Asks how many files there are; where nobody knows, it goes without. */
  async count(catalogue: CatalogueClient, place: Place, signal: AbortSignal): Promise<void> {
    this.#files = await filesIn(catalogue, this.peer, place, signal).catch(() => undefined)
    this.#toldAt = Number.NEGATIVE_INFINITY
    this.#tell()
  }

  fetched(bytes: number): void {
    this.#fetched++
    this.#bytes += bytes
    this.#tell()
  }

  there(): void {
    this.#there++
    this.#tell()
  }

  failed(): void {
    this.#failed++
    this.#tell()
  }

  end(isWhole: boolean): void {
    this.#isOver = true
    this.conversation.report({ report: 'folder-got', ...this.#sum, isWhole })
  }

  get #sum(): Omit<Sum, 'report' | 'isWhole'> {
    const { peer, path } = this
    return {
      peer,
      path,
      fetched: this.#fetched,
      bytes: this.#bytes,
      there: this.#there,
      failed: this.#failed,
    }
  }

  #tell(): void {
    const now = performance.now()
    // How many there are may be known only when it is summed up.
    if (this.#isOver || now - this.#toldAt < betweenMs) return
    this.#toldAt = now
    const files = this.#files === undefined ? {} : { files: this.#files }
    this.conversation.report({ report: 'folder-getting', ...this.#sum, ...files })
  }
}

async function filesIn(
  catalogue: CatalogueClient,
  peer: string,
  { share, path }: Place,
  signal: AbortSignal,
): Promise<number | undefined> {
  if (path === '') return share.files
  const parent = path.slice(0, Math.max(0, path.lastIndexOf('/')))
  let after: { after: string } | Record<never, never> = {}
  for (let page = 0; page < mostPages; page++) {
    const { items, next } = await catalogue.browse(peer, share.id, parent, { max: 100, signal, ...after })
    for (const item of items) if (item.kind === 'folder' && item.path === path) return item.files
    if (next === undefined) return undefined
    after = { after: next }
  }
  return undefined
}
