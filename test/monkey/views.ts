/** What each person is shown of what others share, against what their folders hold: every difference is a line. */

import { setTimeout as wait } from 'node:timers/promises'
import type { FileTransfer, Page } from '../../client-plugin/index.js'
import { maySee } from '../../protocol/catalogue/visibility.js'
import { words } from './names.js'
import { type Entry, held } from './truth.js'
import type { OwnShare, Person } from './village.js'

/** What one person shares, and what is in it. */
export interface Held {
  owner: Person
  share: OwnShare
  /** Undefined where the folder cannot be read: then what was published stays, and nothing is compared. */
  entries: Map<string, Entry> | undefined
}

/** What all hold now. Nobody may write meanwhile. */
export async function whatIsHeld(people: readonly Person[]): Promise<Held[]> {
  const all = await Promise.all(
    people.map(async (owner) =>
      (await owner.shares()).map((share) => ({ owner, share, entries: held(share.folder) })),
    ),
  )
  return all.flat()
}

export const isFor = (asker: Person, { owner, share }: Held): boolean =>
  maySee(asker.jid, { owner: owner.jid, visibleTo: share.visibleTo, blocked: [] })

/** Asks again where the catalogue had no time for it. */
async function persist<T>(ask: () => Promise<T>): Promise<T> {
  for (let n = 0; ; n++) {
    try {
      return await ask()
    } catch (error) {
      if ((error as { code?: unknown }).code !== 'too-fast' || n === 20) throw error
    }
    await wait(300)
  }
}

async function pages<T>(ask: (after?: string) => Promise<Page<T>>): Promise<T[]> {
  const items: T[] = []
  for (let after: string | undefined; ; ) {
    const page = await persist(() => ask(after))
    items.push(...page.items)
    if (page.next === undefined) return items
    after = page.next
  }
}

/** @returns how what `asker` is shown differs from what is held */
export async function differences(asker: Person, held: readonly Held[]): Promise<string[]> {
  const wrong: string[] = []
  const seen = held.filter((each) => isFor(asker, each))
  for (const owner of new Set(asker.village.people)) {
    const theirs = seen.filter((each) => each.owner === owner)
    const shown = await pages((after) => asker.eyes.catalogue.shares(owner.jid, { ...(after && { after }) }))
    const away = new Set(theirs.filter(({ entries }) => entries === undefined).map(({ share }) => share.id))
    // What has nothing in it is nothing to others.
    const right = theirs
      .filter(({ entries }) => entries !== undefined && entries.size > 0)
      .map(({ share }) => `${share.id} ${share.name}`)
      .sort()
    const listed = shown
      .filter(({ id, files }) => files > 0 && !away.has(id))
      .map(({ id, name }) => `${id} ${name}`)
      .sort()
    if (right.join('\n') !== listed.join('\n')) {
      wrong.push(`${asker.name} sees shares of ${owner.name}: ${listed}; there are: ${right}`)
      continue
    }
    for (const { share, entries } of theirs) {
      if (entries === undefined || entries.size === 0) continue
      const where = `${asker.name} in ${owner.name}’s ${share.name}`
      wrong.push(
        ...(await browsed(asker.eyes, owner.jid, share.id, entries)).map((line) => `${where}: ${line}`),
      )
      const { files, bytes } = shown.find(({ id }) => id === share.id)!
      const sum = [...entries.values()].reduce((sum, { size }) => sum + size, 0)
      if (files !== entries.size || bytes !== sum)
        wrong.push(
          `${where}: ${files} files and ${bytes} bytes are said, ${entries.size} and ${sum} are there`,
        )
    }
  }
  if (wrong.length > 0 || seen.some(({ entries }) => entries === undefined)) return wrong
  for (const word of words) wrong.push(...(await searched(asker, seen, word)))
  return wrong
}

async function browsed(
  eyes: FileTransfer,
  peer: string,
  share: string,
  entries: Map<string, Entry>,
): Promise<string[]> {
  const wrong: string[] = []
  const items = await pages((after) =>
    eyes.catalogue.browse(peer, share, '', { deep: true, max: 100, ...(after && { after }) }),
  )
  const shown = new Map(items.map((item) => [item.path, item]))
  if (shown.size !== items.length) wrong.push(`${items.length - shown.size} come twice`)
  for (const [path, entry] of entries) {
    const item = shown.get(path)
    const right = `${entry.size} ${entry.modified} ${entry.root.slice(0, 8)}`
    if (item?.kind !== 'file') wrong.push(`${JSON.stringify(path)} is not shown (${right})`)
    else {
      const found = `${item.size} ${item.modified} ${item.root.slice(0, 8)}`
      if (found !== right || item.root !== entry.root)
        wrong.push(`${JSON.stringify(path)} is shown as ${found}, is ${right}`)
    }
  }
  for (const path of shown.keys())
    if (!entries.has(path)) wrong.push(`${JSON.stringify(path)} is shown, is not there`)
  return wrong
}

async function searched(asker: Person, seen: readonly Held[], word: string): Promise<string[]> {
  const wrong: string[] = []
  const right = new Map<string, Set<string>>()
  const places = new Set<string>()
  const havers = new Map<string, Set<string>>()
  for (const { owner, share, entries } of seen) {
    for (const [path, { root }] of entries ?? []) {
      havers.set(root, (havers.get(root) ?? new Set()).add(owner.jid))
      // A word of its own: names go on with a space or a sign.
      if (!new RegExp(`${word}(?![\\p{L}\\p{N}\\p{M}])`, 'u').test(path)) continue
      right.set(root, (right.get(root) ?? new Set()).add(owner.jid))
      places.add(JSON.stringify([root, owner.jid, share.id, path]))
    }
  }
  if (right.size >= 1_000) return []
  const hits = await pages((after) =>
    asker.eyes.catalogue.search({ words: word }, { max: 100, ...(after && { after }) }),
  )
  const found = new Map(hits.map((hit) => [hit.root, hit]))
  if (found.size !== hits.length) wrong.push('a content comes twice')
  for (const [root, peers] of right) {
    const hit = found.get(root)
    if (hit === undefined) wrong.push(`${root.slice(0, 8)} of ${[...peers]} is not found`)
    else if (hit.sources !== havers.get(root)!.size)
      wrong.push(`${root.slice(0, 8)} is said to have ${hit.sources} sources: ${[...peers]}`)
    else if (!places.has(JSON.stringify([root, hit.peer, hit.share, hit.path])))
      wrong.push(`${root.slice(0, 8)} is not at ${hit.peer} ${hit.share} ${hit.path}`)
  }
  for (const { root, path } of hits)
    if (!right.has(root)) wrong.push(`${root.slice(0, 8)} ${path} is found, is not there`)
  return wrong.map((line) => `${asker.name} looks for ${word}: ${line}`)
}
