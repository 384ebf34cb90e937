/** What an entry, a share's settings and a query must be like before they come near the database. */

import { splitPath } from '../../protocol/catalogue/paths.js'
import type { VisibleTo } from '../../protocol/catalogue/visibility.js'
import {
  maxAdds,
  maxDomains,
  maxModified,
  maxPeers,
  maxRemoves,
  maxSeq,
  maxShareName,
  maxSize,
  maxTagLength,
  maxTags,
  maxTypes,
} from './limits.js'
import type { Change, Entry, Query, Refusal, ShareAddress, ShareSettings } from './values.js'

const rootForm = /^[0-9a-f]{64}$/
const mediaTypeForm = /^[A-Za-z0-9][\w!#$&^.+-]{0,62}\/[A-Za-z0-9][\w!#$&^.+-]{0,62}$/
const control = /[\x00-\x1f\x7f-\x9f]/

const bad = (field: string): Refusal => ({ kind: 'bad-value', field })

/** Why the change is refused, or nothing. */
export function faultOfChange({ base, seq, adds, removes }: Change): Refusal | undefined {
  if (!isCount(base)) return bad('base')
  if (!isSeq(seq) || seq <= base) return bad('seq')
  if (adds.length > maxAdds) return bad('adds')
  if (removes.length > maxRemoves) return bad('removes')
  return faultOfEntries(adds)
}

/** Why one of the entries is refused, or nothing. */
export function faultOfEntries(entries: readonly Entry[]): Refusal | undefined {
  for (const entry of entries) {
    const reason = faultOfEntry(entry)
    if (reason !== undefined) return { kind: 'bad-entry', path: entry.path, reason }
  }
  return undefined
}

function faultOfEntry({ path, root, size, modified, mediaType, tags }: Entry): string | undefined {
  if (splitPath(path) === undefined) return 'path'
  if (!rootForm.test(root)) return 'root'
  if (!isCount(size) || size > maxSize) return 'size'
  if (!isCount(modified) || modified > maxModified) return 'modified'
  if (mediaType !== undefined && !mediaTypeForm.test(mediaType)) return 'media type'
  if (tags !== undefined && (tags.length > maxTags || !tags.every(isTag))) return 'tags'
  return undefined
}

export function faultOfSettings({ name, visibleTo, tags }: ShareSettings): Refusal | undefined {
  if (!isText(name, maxShareName)) return bad('name')
  if (tags.length > maxTags || !tags.every(isTag)) return bad('tags')
  return isAudience(visibleTo) ? undefined : bad('visibleTo')
}

function isAudience(visibleTo: VisibleTo): boolean {
  if (visibleTo.kind !== 'only') return true
  const { domains, peers } = visibleTo
  return domains.length <= maxDomains && peers.length <= maxPeers && [...domains, ...peers].every(isName)
}

const isText = (text: string, max: number) =>
  text.length > 0 && text.length <= 2 * max && [...text].length <= max && !control.test(text)
const isTag = (text: string) => isText(text, maxTagLength)

/** Whether it can be a JID, a device, the id of a share or of a search, as far as the catalogue cares. */
export const isName = (text: string) => text.length > 0 && text.length <= 3_071 && !control.test(text)

const isCount = (value: number) => Number.isSafeInteger(value) && value >= 0
export const isSeq = (value: number) => isCount(value) && value >= 1 && value <= maxSeq

export function faultOfAddress({ peer, share }: ShareAddress): Refusal | undefined {
  if (!isName(peer)) return bad('peer')
  return isName(share) ? undefined : bad('share')
}

/** Texts of a query are compared, never parsed; only their length and number matter, and that it looks for something. */
export function faultOfQuery(query: Query): Refusal | undefined {
  const { words, minSize, maxSize, root, types = [], tags = [], peer } = query
  if (minSize !== undefined && !isCount(minSize)) return bad('minSize')
  if (maxSize !== undefined && !isCount(maxSize)) return bad('maxSize')
  if (root !== undefined && !rootForm.test(root)) return bad('root')
  if (types.length > maxTypes) return bad('types')
  if (tags.length > maxTags) return bad('tags')
  for (const text of [words, peer, ...types, ...tags])
    if (text !== undefined && text.length > 4_096) return bad('words')
  if (words === undefined && root === undefined && peer === undefined && types.length + tags.length === 0)
    return bad('words')
  return undefined
}
