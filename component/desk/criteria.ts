/** What is looked for, between the stream and the catalogue. */

import type { Criteria, Hit as SaidHit } from '../../schemas/index.js'
import type { Hit, Query } from '../catalogue/values.js'
import { bytesOfHex, hexOf } from './publish.js'

/** As the catalogue has it. */
export function queryOf({ words, size, types, tags, root, peer, online }: Criteria): Query {
  return {
    ...(words !== undefined && { words }),
    ...(size?.min !== undefined && { minSize: size.min }),
    ...(size?.max !== undefined && { maxSize: size.max }),
    // Types of media have no case (RFC 6838, 4.2).
    ...(types.length > 0 && { types: types.map((type) => type.toLowerCase()) }),
    ...(tags.length > 0 && { tags }),
    ...(root !== undefined && { root: hexOf(root) }),
    ...(peer !== undefined && { peer }),
    ...(online && { online }),
  }
}

/** As it was said. */
export function criteriaOf(query: Query): Criteria {
  const { words, minSize, maxSize, types = [], tags = [], root, peer, online = false } = query
  const hasSize = minSize !== undefined || maxSize !== undefined
  return {
    words,
    size: hasSize ? { min: minSize, max: maxSize } : undefined,
    types: [...types],
    tags: [...tags],
    root: root === undefined ? undefined : bytesOfHex(root),
    peer,
    online,
  }
}

/** A content that was found, as it is said. */
export function describedHit(hit: Hit): SaidHit {
  const { root, size, path, mediaType, sources, online, peer, share } = hit
  return { root: bytesOfHex(root), size, path, type: mediaType, sources, online, peer, share }
}
