/** `watch`: saved searches. They stay saved when the command ends; what matched meanwhile is told at the next time. */
import { randomInt } from 'node:crypto'
import type { FileTransfer, Matched, SearchQuery } from '../../client-plugin/index.js'
import type { CatalogueOrder } from '../catalogue-words.js'
import { exits } from '../exit-codes.js'
import { CommandFailed } from '../failure.js'
import { hitLook } from './asking.js'
import { type Conversation, leaving } from './conversation.js'
import { willStay } from './staying.js'

type Of<Name extends CatalogueOrder['order']> = Extract<CatalogueOrder, { order: Name }>

/** Saves the search, then tells what is new until it is enough. @returns the exit code */
export async function watch(
  files: FileTransfer,
  order: Of<'watch'>,
  conversation: Conversation,
): Promise<number> {
  const { catalogue } = files
  const { report } = conversation
  const { left, signal, stop } = leaving(conversation)
  const done = willStay(files)
  let ids: string[] = []
  let heard: () => void = () => {}
  const news = new Promise<void>((resolve) => {
    heard = resolve
  })
  const onMatched = ({ id, hits, more }: Matched) => {
    // Of its own search alone, where it has one: what it matched before this command's list was here counts too.
    if (order.query !== undefined && ids.length > 0 && !ids.includes(id)) return
    if (signal.aborted) return
    report({ report: 'matched', id, hits: hits.map(hitLook), more })
    heard()
  }
  catalogue.on('matched', onMatched)
  try {
    const saved = await catalogue.watches()
    ids = saved.map(({ id }) => id)
    if (order.query !== undefined) ids = [await save(catalogue, saved, order.query)]
    if (ids.length === 0) {
      report({ report: 'no-watches' })
      return exits.done.exit
    }
    report({ report: 'watching', ids, saved: order.query !== undefined })
    await Promise.race([left, ...(order.once ? [news] : [])])
    return exits.done.exit
  } catch (error) {
    if (signal.aborted) return exits.interrupted.exit
    throw error
  } finally {
    catalogue.off('matched', onMatched)
    done()
    stop()
  }
}

/** The same search again has the id it had. */
async function save(
  catalogue: FileTransfer['catalogue'],
  saved: readonly { id: string; query: SearchQuery }[],
  query: SearchQuery,
): Promise<string> {
  const same = saved.find((each) => spelt(each.query) === spelt(query))
  const ids = new Set(saved.map(({ id }) => id))
  let id = same?.id ?? `w${ids.size + 1}`
  while (same === undefined && ids.has(id)) id = `w${randomInt(1_000_000)}`
  await catalogue.watch(id, query)
  return id
}

const spelt = (query: SearchQuery): string =>
  JSON.stringify(Object.entries(query).sort(([a], [b]) => (a < b ? -1 : 1)))

export async function listWatches({ catalogue }: FileTransfer, { report }: Conversation): Promise<number> {
  const saved = await catalogue.watches()
  for (const { id, query } of saved) report({ report: 'watch', id, query })
  if (saved.length === 0) report({ report: 'no-watches' })
  return exits.done.exit
}

/** @throws CommandFailed `no-such-watch` */
export async function unwatch(
  { catalogue }: FileTransfer,
  { id }: Of<'unwatch'>,
  { report }: Conversation,
): Promise<number> {
  const saved = await catalogue.watches()
  if (!saved.some((each) => each.id === id)) {
    throw new CommandFailed(
      'no-such-watch',
      `No search is saved as “${id}”.`,
      '`jabberfs watch --list` lists them.',
    )
  }
  await catalogue.unwatch(id)
  report({ report: 'unwatched', id })
  return exits.done.exit
}
