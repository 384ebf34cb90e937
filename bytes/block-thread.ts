/**
 * A thread that helps to hash the blocks of an open file, from the last towards the first, until it meets the other.
 * It reads only, and ends at whatever it does not understand: what it leaves, the other thread does.
 */

import { readSync } from 'node:fs'
import { workerData } from 'node:worker_threads'
import { blake3 } from './blake3.js'
import { BlockBoard } from './block-board.js'
import { cutOf, lengthOf, startOf } from './cut.js'

/** What the thread is given. */
export interface BlockThreadTask {
  fd: number
  filesize: number
  blockBytes: number
  count: number
  memory: SharedArrayBuffer
}

const { fd, filesize, blockBytes, count, memory } = workerData as BlockThreadTask
const cut = cutOf(filesize, blockBytes)
const board = new BlockBoard(count, memory)
const pieceBytes = Math.max(1, Math.min(2 ** 20, blockBytes))
const buffer = Buffer.allocUnsafeSlow(pieceBytes)

/** The hash of a block; `undefined` when the file ends before it does. */
function hashOf(block: number): Uint8Array | undefined {
  const hasher = blake3.hasher()
  const length = lengthOf(cut, block)
  for (let at = 0; at < length; ) {
    const got = readSync(fd, buffer, 0, Math.min(pieceBytes, length - at), startOf(cut, block) + at)
    if (got === 0) return undefined
    hasher.update(buffer.subarray(0, got))
    at += got
  }
  return hasher.digest()
}

for (let block = count - 1; block >= 0; block--) {
  if (board.isLeftOut(block)) continue
  if (!board.take(block)) break
  const hash = hashOf(block)
  if (hash === undefined) break
  board.give(block, hash)
}
