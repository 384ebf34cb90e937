/**
 * Hashing a whole source ahead of sending it. What it finds is remembered in the source, so it may run
 * beside `serve`, and what was hashed is not hashed again.
 */

import { BlockHashing, breathe } from './block-hashing.js'
import { lengthOf } from './cut.js'
import { SourceFailed, systemCode } from './failure.js'
import type { Source } from './source.js'

export interface HashingOptions {
  signal?: AbortSignal
  /** Bytes hashed so far, of the file's. */
  onProgress?: (hashedBytes: number) => void
}

/** How often everything is hashed again because only the inode's time moved meanwhile. */
const rounds = 3

/**
 * The root of a source (docs/protocol.md, "Blocks and root"); breathes after every MiB.
 * @throws SourceFailed `source-changed`, `io` or `stopped`
 */
export async function hashSource(source: Source, options: HashingOptions = {}): Promise<Uint8Array> {
  return source.busy(() => hashAll(source, options))
}

async function hashAll(source: Source, options: HashingOptions): Promise<Uint8Array> {
  const { hashes, cut } = source
  const hashing = new BlockHashing(cut, source.fd)
  for (let round = 0; round < rounds; round++) {
    let hashedBytes = 0
    for (let block = 0; block < cut.blockCount; block++) {
      if (options.signal?.aborted || source.closed) throw new SourceFailed('stopped', 'hashing was stopped')
      if (hashes.trusted(block) === undefined) await hashOne(source, hashing, block)
      else if (block % 4096 === 0) await breathe()
      hashedBytes += lengthOf(cut, block)
      options.onProgress?.(hashedBytes)
    }
    if (source.lookClosely() === 'changed') throw changed()
    const root = hashes.root()
    if (root !== undefined) return root
  }
  throw changed()
}

/**
 * Hashes what is not known yet of the blocks that lie in the first `bytes` of a source; breathes after every MiB.
 * @throws SourceFailed `source-changed`, `io` or `stopped`
 */
export async function hashBeginning(source: Source, bytes: number, signal?: AbortSignal): Promise<void> {
  const { hashes, cut } = source
  const end = Math.min(cut.blockCount, Math.ceil(bytes / cut.blockBytes))
  await source.busy(async () => {
    const hashing = new BlockHashing(cut, source.fd)
    for (let block = hashes.nextUntrusted(0); block !== undefined && block < end; ) {
      if (signal?.aborted || source.closed) throw new SourceFailed('stopped', 'hashing was stopped')
      await hashOne(source, hashing, block)
      block = hashes.nextUntrusted(block + 1)
    }
  })
}

/** Hashes one block of a source and notes it. @throws SourceFailed */
export async function hashOne(source: Source, hashing: BlockHashing, block: number): Promise<void> {
  let hash: Uint8Array | undefined
  try {
    hash = await hashing.hash(block)
  } catch (error) {
    throw new SourceFailed('io', `the source cannot be read: ${systemCode(error) ?? 'failed'}`, error)
  }
  const look = source.look()
  if (hash === undefined || look === 'changed' || !source.hashes.note(block, hash, look === 'same')) {
    throw changed()
  }
}

function changed(): SourceFailed {
  return new SourceFailed('source-changed', 'the source changed while it was hashed')
}
