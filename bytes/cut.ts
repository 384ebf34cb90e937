/**
 * One file of one size, cut into blocks (docs/protocol.md, "Blocks and root").
 *
 * Rules: blocks lie side by side from 0; all but the last are equally long; an empty file has none.
 */

import { blockBytesFor } from '../protocol/blocks.js'

export interface Cut {
  /** Bytes of the whole file. */
  readonly filesize: number
  /** Bytes of every block but the last. */
  readonly blockBytes: number
  readonly blockCount: number
}

/** The cut of a file of `filesize` bytes. `blockBytes` is for trials only: it is never told to the other side. */
export function cutOf(filesize: number, blockBytes: number = blockBytesFor(filesize)): Cut {
  return { filesize, blockBytes, blockCount: Math.ceil(filesize / blockBytes) }
}

/** Where a block begins, in bytes. */
export function startOf(cut: Cut, block: number): number {
  return block * cut.blockBytes
}

/** Bytes of one block. */
export function lengthOf(cut: Cut, block: number): number {
  return Math.min(cut.blockBytes, cut.filesize - block * cut.blockBytes)
}

/** Bytes that may be asked for and not proven yet: 8 MiB or two blocks (P4). */
export function windowOf(cut: Cut): number {
  return Math.max(8 * 2 ** 20, 2 * cut.blockBytes)
}
