/**
 * Hashing the blocks of an open file that is held already: a long one in two threads, which meet in the middle.
 *
 * Rules: the other thread never outlives the call, so the descriptor stays the caller's; whatever it does not do, for
 * whatever reason, is done here.
 */

import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { BlockBoard } from './block-board.js'
import { BlockHashing, breathe } from './block-hashing.js'
import type { BlockThreadTask } from './block-thread.js'
import { type Cut, startOf } from './cut.js'

/** Less is hashed before a thread has begun. */
const worthAThreadBytes = 256 * 2 ** 20

export interface HashBlocksOptions {
  /** Blocks 0 up to, and without, this one. */
  count: number
  /** Blocks that are not to be hashed. */
  isLeftOut?: (block: number) => boolean
  /** Bytes from which on another thread helps. */
  threadFromBytes?: number
  /** Called before each block that is hashed here; what it throws ends the call. */
  onBlock?: (block: number) => void
}

/**
 * The hashes of blocks, by their number; those are missing that are left out, or at which the file ended.
 * Rejects with the system's error when it cannot be read.
 */
export async function hashBlocks(
  cut: Cut,
  fd: number,
  options: HashBlocksOptions,
): Promise<(block: number) => Uint8Array | undefined> {
  const { count, isLeftOut = () => false, threadFromBytes = worthAThreadBytes, onBlock } = options
  const board = new BlockBoard(count)
  for (let block = 0; block < count; block++) if (isLeftOut(block)) board.leaveOut(block)
  const isLong = count > 1 && startOf(cut, count - 1) >= threadFromBytes && availableParallelism() > 1
  const thread = isLong ? helpOn(board, cut, fd) : undefined
  const hashing = new BlockHashing(cut, fd)
  /** Goes on from the first block; false when the file ended. */
  const go = async (): Promise<boolean> => {
    for (let block = 0; block < count; block++) {
      if (!board.take(block)) continue
      onBlock?.(block)
      const hash = await hashing.hash(block)
      if (hash === undefined) return false
      board.give(block, hash)
      if (block % 256 === 255) await breathe()
    }
    return true
  }
  try {
    const isWhole = await go()
    await thread?.ended
    // What the other thread took and did not give.
    for (let block = 0; isWhole && block < count; block++) {
      if (board.isLeftOut(block) || board.hash(block) !== undefined) continue
      onBlock?.(block)
      const hash = await hashing.hash(block)
      if (hash === undefined) break
      board.give(block, hash)
    }
  } finally {
    await thread?.end()
  }
  return (block) => board.hash(block)
}

/** Another thread that takes blocks of the board, from its end. */
function helpOn(board: BlockBoard, cut: Cut, fd: number) {
  const task: BlockThreadTask = {
    fd,
    filesize: cut.filesize,
    blockBytes: cut.blockBytes,
    count: board.count,
    memory: board.memory,
  }
  const worker = new Worker(new URL('./block-thread.js', import.meta.url), {
    workerData: task,
    resourceLimits: { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 4 },
  })
  const ended = new Promise<void>((resolve) => {
    // It is only a help: what it did not do is done here, where an error that matters comes again.
    worker.on('error', () => undefined)
    worker.on('exit', () => resolve())
  })
  return {
    ended,
    async end() {
      await worker.terminate()
      await ended
    },
  }
}
