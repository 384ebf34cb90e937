/**
 * The root: the one identity of a file's content (docs/protocol.md, "Blocks and root").
 * BLAKE3 over the words `jabberfs root 1`, the size and the hashes of all blocks.
 */

import { blake3 } from './blake3.js'

const preamble = Buffer.from('jabberfs root 1\n')

/** The root of a file of `filesize` bytes whose block hashes lie one behind the other in `hashes`. */
export function rootOf(filesize: number, hashes: Uint8Array): Uint8Array {
  const size = Buffer.alloc(8)
  size.writeBigUInt64BE(BigInt(filesize))
  const hasher = blake3.hasher()
  hasher.update(preamble)
  hasher.update(size)
  if (hashes.length > 0) hasher.update(hashes)
  return hasher.digest()
}

/** Whether two hashes are the same. Nothing here is secret, so no constant time is needed. */
export function sameHash(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0
}
