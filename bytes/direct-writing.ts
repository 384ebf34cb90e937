/**
 * Writing whole blocks past the page cache (O_DIRECT), in the thread pool: the disk takes them from our own memory,
 * which spares a copy, the search for memory, and the writing back.
 *
 * Rules: only where start, length and memory lie at multiples of 4 KiB; whatever this way does not take, whole or in
 * part, is written the usual way, and the error of that one counts. It is no less durable: the file is
 * synced as ever before anybody is told.
 */

import { closeSync, constants, openSync, write } from 'node:fs'

/** Node's types leave it out. */
declare const WebAssembly: {
  Memory: new (pages: { initial: number; maximum: number }) => { readonly buffer: ArrayBuffer }
}

/** What every disk and file system is content with. */
const alignBytes = 4096
/** Less is not worth the way into another thread. */
const leastBytes = 256 * 1024
const wasmPageBytes = 65_536

export class DirectWriting {
  #fd: number | undefined
  #isOpen = true

  /** Whether bytes may go this way. */
  static fits(start: number, length: number): boolean {
    return length >= leastBytes && start % alignBytes === 0 && length % alignBytes === 0
  }

  /** @param fd the file, open for writing; it stays the caller's */
  constructor(readonly fd: number) {}

  /**
   * Begins to write `bytes`, which must lie at a page's start ({@link alignedPieces}) and stay as they are until `written`, where
   * false says that they have to be written the usual way. Gives false when this way is not open.
   */
  write(bytes: Uint8Array, position: number, written: (whole: boolean) => void): boolean {
    const fd = this.#open()
    if (fd === undefined) return false
    write(fd, bytes, 0, bytes.length, position, (error, got) => {
      if (error) this.#isOpen = false
      written(error === null && got === bytes.length)
    })
    return true
  }

  /** Nothing may be under way. */
  close(): void {
    this.#isOpen = false
    if (this.#fd !== undefined) closeSync(this.#fd)
    this.#fd = undefined
  }

  #open(): number | undefined {
    if (!this.#isOpen) return undefined
    if (this.#fd !== undefined) return this.#fd
    try {
      if (process.platform !== 'linux') throw new Error('not here')
      // The same open file by another descriptor: nothing is looked up by name.
      this.#fd = openSync(`/proc/self/fd/${this.fd}`, constants.O_WRONLY | constants.O_DIRECT)
    } catch {
      // Not every file system has it, and a process may be out of descriptors: the usual way is always there.
      this.#isOpen = false
    }
    return this.#fd
  }
}

/** Pieces of memory that begin at a page's start; `undefined` where there are none to be had. */
export function alignedPieces(count: number, bytes: number): Buffer[] | undefined {
  const stride = Math.ceil(bytes / wasmPageBytes) * wasmPageBytes
  try {
    // The only memory in JavaScript whose address is known to be a page's start. It is zero, and touched only when used.
    const initial = (count * stride) / wasmPageBytes
    const { buffer } = new WebAssembly.Memory({ initial, maximum: initial })
    return Array.from({ length: count }, (_, n) => Buffer.from(buffer, n * stride, bytes))
  } catch {
    return undefined
  }
}
