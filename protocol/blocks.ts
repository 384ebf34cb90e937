/**
 * How a file is cut into blocks (docs/protocol.md, "Blocks and root"): a pure function of its size,
 * so that both sides cut alike and nobody has to say how.
 */

const mebibyte = 2 ** 20

/** The largest file that can be offered, in bytes: 16 TiB. */
export const maxFileBytes = 2 ** 44

/** The smallest block, in bytes. */
const minBlockBytes = mebibyte

/** The largest block, in bytes. */
const maxBlockBytes = 64 * mebibyte

/** Above this many blocks the block grows, so that the list of hashes stays small. */
const manyBlocks = 65_536

/** Bytes of a block of a file of `filesize` bytes: 1 MiB, doubled while there would be more than 65,536, up to 64 MiB. */
export function blockBytesFor(filesize: number): number {
  let blockBytes = minBlockBytes
  while (blockBytes < maxBlockBytes && filesize > blockBytes * manyBlocks) blockBytes *= 2
  return blockBytes
}
