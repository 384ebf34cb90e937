/**
 * The part file of one transfer: opened when it is needed, closed when it is not, found again after a restart. Its
 * path is in the journal as soon as it is there.
 */

import { stat } from 'node:fs/promises'
import { openPart, type PartFile, provenBefore, ReceiveFailed } from '../../bytes/index.js'
import type { PartMark, TransferRecord } from '../journal/record.js'
import { fromHex } from './hex.js'

/** The unit of `blocks` in what `stat` gives, on every system. */
const statBlockBytes = 512

export class PartKeeper {
  #part: PartFile | undefined
  /** An opening that is under way, and for whom. */
  #opening: { signal: AbortSignal; part: Promise<PartFile> } | undefined
  #closing: Promise<void> | undefined

  constructor(
    /** The transfer as it is now. */
    readonly record: () => TransferRecord,
    /** Journals where the part file is. */
    readonly onOpened: (mark: PartMark) => void,
  ) {}

  get isOpen(): boolean {
    return this.#part !== undefined && !this.#part.closed && this.#part.failed === undefined
  }

  get heldBytes(): number {
    return this.#part?.heldBytes ?? 0
  }

  /** The bytes that were proven, as was noted beside the part file: nothing is hashed for it. */
  provenBefore(): number {
    if (this.isOpen) return this.#part!.heldBytes
    const { part, filesize } = this.record()
    return part === undefined || filesize === undefined ? 0 : provenBefore(part.path, filesize)
  }

  /** Takes over a part file that is open already. */
  hold(part: PartFile): void {
    this.#part = part
  }

  /** About how many bytes are there, proven or not: quick, since nothing is hashed for it. */
  async bytesThere(): Promise<number> {
    if (this.isOpen) return this.#part!.heldBytes
    const { part, filesize } = this.record()
    if (part === undefined) return 0
    return stat(part.path).then(
      ({ blocks }) => Math.min(blocks * statBlockBytes, filesize ?? 0),
      () => 0,
    )
  }

  /** The part file, open; what is held is hashed again when it is opened. @throws ReceiveFailed */
  async open(signal: AbortSignal): Promise<PartFile> {
    // Asked twice for one attempt, it is opened once; for another attempt, after the one before has let go.
    while (this.#opening !== undefined) {
      const { signal: whose, part } = this.#opening
      if (whose === signal) return part
      await part.catch(() => undefined)
    }
    if (this.isOpen) return this.#part!
    const part = this.#open(signal)
    this.#opening = { signal, part }
    return part.finally(() => {
      this.#opening = undefined
    })
  }

  async #open(signal: AbortSignal): Promise<PartFile> {
    await this.close()
    const record = this.record()
    const opened = await openPartFor(record, { existing: record.part, signal })
    try {
      if (signal.aborted) throw new ReceiveFailed('stopped', 'the attempt ended')
      const mark = markOf(opened)
      // That it is where it was need not be noted again: each note waits for the disk.
      if (mark.path !== record.part?.path || mark.ino !== record.part.ino) this.onOpened(mark)
    } catch (error) {
      // What no journal knows of would be found by nobody.
      await (opened.path === record.part?.path ? opened.close() : opened.discard())
      throw error
    }
    this.#part = opened
    return opened
  }

  /** Closes it; what it holds stays. Resolves when that is done, whoever began it. Never rejects. */
  async close(): Promise<void> {
    const part = this.#part
    this.#part = undefined
    if (part !== undefined) {
      const before = this.#closing
      const closing = Promise.allSettled([before, part.close()]).then(() => {
        if (this.#closing === closing) this.#closing = undefined
      })
      this.#closing = closing
    }
    await this.#closing
  }
}

/**
 * Opens what is left of a file, or begins anew where nothing usable is left.
 * @throws ReceiveFailed
 */
export async function openPartFor(
  record: TransferRecord,
  { existing, signal }: { existing?: PartMark | undefined; signal?: AbortSignal | undefined },
): Promise<PartFile> {
  const { id, sid, peer, filename, filesize, root, destination } = record
  const options = {
    dir: destination!.dir,
    transfer: {
      sid: sid ?? id,
      peer,
      filename,
      filesize: filesize!,
      ...(root && { root: fromHex(root) }),
    },
    onConflict: destination!.onConflict,
    ...(signal && { signal }),
  }
  if (existing === undefined) return openPart(options)
  try {
    return await openPart({ ...options, existing: existing.path })
  } catch (error) {
    if (error instanceof ReceiveFailed && error.code === 'part-lost') return openPart(options)
    throw error
  }
}

export function markOf(part: PartFile): PartMark {
  return { path: part.path, ino: String(part.stats.ino) }
}
