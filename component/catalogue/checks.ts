/** What an entry, a share's settings and a query must be like before they come near the database. */

import { splitPath } from '../../protocol/catalogue/paths.js'
import { maxChange, maxListed, maxSize, maxTagLength, maxTags } from './limits.js'
import type { Change, Entry, Refusal, ShareSettings } from './values.js'

const rootForm = /^[0-9a-f]{64}$/
const mediaTypeForm = /^[a-z0-9][a-z0-9!#$&^_.+-]{0,62}\/[a-z0-9][a-z0-9!#$&^_.+-]{0,62}$/
const control = /[\x00-\x1f\x7f-\x9f]/

/** Why the change is refused, or nothing. */
export function faultOfChange(change: Change): Refusal | undefined {
  if (!Number.isSafeInteger(change.seq) || change.seq < 1) return { kind: 'bad-value', field: 'seq' }
  if (change.adds.length + change.removes.length > maxChange) return { kind: 'bad-value', field: 'change' }
  for (const entry of change.adds) {
    const reason = faultOfEntry(entry)
    if (reason !== undefined) return { kind: 'bad-entry', path: entry.path, reason }
  }
  return undefined
}

function faultOfEntry({ path, root, size, modified, mediaType, tags = [] }: Entry): string | undefined {
  if (splitPath(path) === undefined) return 'path'
  if (!rootForm.test(root)) return 'root'
  if (!isCount(size) || size > maxSize) return 'size'
  if (modified !== undefined && !(Number.isSafeInteger(modified) && Math.abs(modified) < 1e12))
    return 'modified'
  if (mediaType !== undefined && !mediaTypeForm.test(mediaType)) return 'media type'
  if (tags.length > maxTags || !tags.every(isTag)) return 'tags'
  return undefined
}

export function faultOfSettings({ audience, tags }: ShareSettings): Refusal | undefined {
  if (tags.length > maxTags || !tags.every(isTag)) return { kind: 'bad-value', field: 'tags' }
  if (audience.kind === 'listed' && (audience.jids.length > maxListed || !audience.jids.every(isName))) {
    return { kind: 'bad-value', field: 'audience' }
  }
  if (audience.kind === 'domain' && !isName(audience.domain)) return { kind: 'bad-value', field: 'audience' }
  return undefined
}

const isTag = (text: string) => text.length > 0 && text.length <= maxTagLength && !control.test(text)

/** Whether it can be a JID, a device, the name of a share or of a search, as far as the catalogue cares. */
export function isName(text: string): boolean {
  return text.length > 0 && text.length <= 3_071 && !control.test(text)
}

export function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0
}
