/**
 * A short key of a name, for an index that need not hold the name itself. What holds: it never changes for a name, as
 * it is stored; names that share a key are told apart by comparing them.
 */

/** 32 bits of a name (FNV-1a over its UTF-16 units, mixed once more). */
export function nameKey(name: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < name.length; at++) hash = Math.imul(hash ^ name.charCodeAt(at), 0x01000193)
  hash ^= hash >>> 15
  return hash | 0
}
