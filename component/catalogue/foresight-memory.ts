/**
 * Where what is looked up ahead lies, in memory that threads share (foresight.ts): some numbers, and for each call in turn a head and the numbers of
 * its entries. What holds: a call's place is given to another only when the writer has answered it and who looks ahead is done with it.
 */

/** What is known of an entry that comes; 0: not known. */
export interface Foreseen {
  folder: number
  /** The folder that the folder is in. */
  above: number
  path: number
  /** The content, where some entry has it under this path. */
  content: number
}

export const nothingForeseen: Readonly<Foreseen> = { folder: 0, above: 0, path: 0, content: 0 }

/** Calls that are looked up at once at most, and entries of one. */
export const maxLooks = 64
export const maxForeseen = 256

/** The places of the numbers that are shared, and after them four of each call: which look, as of which change and opening, and how many entries. */
export const [epochAt, openingAt, takenAt, doneAt, restAt, holdingAt] = [0, 1, 2, 3, 4, 5]
export const [lookIn, epochIn, openingIn, countIn, sizeOfHead] = [0, 1, 2, 3, 4]
const headsAt = 8
export const valuesAt = 4 * (headsAt + maxLooks * sizeOfHead)
export const perEntry = 4

export type ForesightMemory = SharedArrayBuffer

/** As while the file is closed. */
export function makeForesight(): ForesightMemory {
  const memory = new SharedArrayBuffer(valuesAt + maxLooks * maxForeseen * perEntry * 8)
  const numbers = new Int32Array(memory)
  numbers[openingAt] = 1
  // What was never dropped went by 0.
  numbers[epochAt] = 2
  return memory
}

/** Whether `a` was counted before `b`: they begin anew after 2^32. */
export const isBefore = (a: number, b: number) => ((a - b) | 0) < 0

export const headOf = (look: number) => headsAt + (look & (maxLooks - 1)) * sizeOfHead
export const valuesOf = (look: number) => (look & (maxLooks - 1)) * maxForeseen * perEntry

/** Which looks are done, for who numbers them. */
export class LooksDone {
  readonly #numbers: Int32Array

  constructor(memory: ForesightMemory) {
    this.#numbers = new Int32Array(memory)
  }

  has(look: number): boolean {
    return !isBefore(Atomics.load(this.#numbers, doneAt), look)
  }
}
