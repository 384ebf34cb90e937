/**
 * What another thread has looked up for the writer, while the calls wait: the numbers of folders, paths and contents that are there already. Much of
 * what is published others have under the same path, or in the same folder, and finding that is a third of the writer's work.
 *
 * What holds:
 * - The writer believes it only of what was not dropped since: it counts a number up when it drops something in a transaction, and again when that
 *   is over, and remembers by which number the thing went; who looks ahead reads the number before his snapshot of the file begins. So what
 *   went by a lower number than that is not in the snapshot, and whatever else went is looked up again.
 * - It says only what is there, never what is not: what was made since is found by the writer himself.
 * - Numbers of things may be used again when the file is opened anew, and it may be another file: what was looked up before is not believed.
 * - Nothing depends on it: what was not looked up in time the writer looks up. Who looks ahead lets go of the file when the log is to begin anew.
 */

import {
  countIn,
  epochAt,
  epochIn,
  type Foreseen,
  type ForesightMemory,
  headOf,
  holdingAt,
  isBefore,
  lookIn,
  makeForesight,
  nothingForeseen,
  openingAt,
  openingIn,
  perEntry,
  restAt,
  takenAt,
  valuesAt,
  valuesOf,
} from './foresight-memory.js'

/** How long the writer waits for who looks ahead to let go of the file, in ms: he does within a fraction of one. */
const patience = 20

/** Where it is remembered by which number something went: of several that share a place, the last. A content goes when it is under no path: those are told. */
const places = 4_096
const kinds = { folder: 0, path: places } as const

/** As the writer has it. */
export class Foresight {
  readonly #numbers: Int32Array
  readonly #values: Float64Array
  readonly #dropped = new Int32Array(2 * places)
  #epoch: number
  #look = 0

  constructor(memory: ForesightMemory = makeForesight()) {
    this.#numbers = new Int32Array(memory)
    this.#values = new Float64Array(memory, valuesAt)
    this.#epoch = Atomics.load(this.#numbers, epochAt)
  }

  /** The file is there, and stays the same until `closed`. */
  opened(): void {
    if (Atomics.load(this.#numbers, openingAt) & 1) Atomics.add(this.#numbers, openingAt, 1)
  }

  closed(): void {
    if (!(Atomics.load(this.#numbers, openingAt) & 1)) Atomics.add(this.#numbers, openingAt, 1)
  }

  /** To be called in the transaction in which this is dropped; a path also where it has a content less. */
  dropped(kind: keyof typeof kinds, id: number): void {
    if ((this.#epoch & 1) === 0) this.#count()
    this.#dropped[kinds[kind] + (id & (places - 1))] = this.#epoch
  }

  /** To be called after each transaction, however it ended. */
  settled(): void {
    if (this.#epoch & 1) this.#count()
  }

  /** From now on the entries of this look are asked for. @param look 0: none */
  begin(look: number): void {
    this.#look = look
    if (look !== 0) Atomics.store(this.#numbers, takenAt, look)
  }

  /** What is known of this entry of what was begun, as far as it may be believed now. */
  at(index: number): Readonly<Foreseen> {
    const look = this.#look
    if (look === 0) return nothingForeseen
    const head = headOf(look)
    if (Atomics.load(this.#numbers, head + lookIn) !== look) return nothingForeseen
    if (index >= Atomics.load(this.#numbers, head + countIn)) return nothingForeseen
    if (this.#numbers[head + openingIn] !== this.#numbers[openingAt]) return nothingForeseen
    const epoch = this.#numbers[head + epochIn]!
    const at = valuesOf(look) + index * perEntry
    const [folder, above] = [this.#values[at]!, this.#values[at + 1]!]
    const [path, content] = [this.#values[at + 2]!, this.#values[at + 3]!]
    const isSure =
      !this.#isGone('folder', folder, epoch) &&
      !this.#isGone('folder', above, epoch) &&
      !this.#isGone('path', path, epoch)
    return isSure ? { folder, above, path, content } : nothingForeseen
  }

  /** Nobody looks ahead while `work` is done: it moves the log, which is to begin anew. */
  alone<T>(work: () => T): T {
    Atomics.store(this.#numbers, restAt, 1)
    if (Atomics.load(this.#numbers, holdingAt) === 1) Atomics.wait(this.#numbers, holdingAt, 1, patience)
    return work()
  }

  /** They may look ahead again: something was written to the log. */
  notAlone(): void {
    if (this.#numbers[restAt] !== 0) Atomics.store(this.#numbers, restAt, 0)
  }

  #isGone(kind: keyof typeof kinds, id: number, epoch: number): boolean {
    return !isBefore(this.#dropped[kinds[kind] + (id & (places - 1))]!, epoch)
  }

  #count(): void {
    Atomics.add(this.#numbers, epochAt, 1)
    this.#epoch = Atomics.load(this.#numbers, epochAt)
  }
}
