/** Who looks ahead for the writer, by the rule of foresight.ts: what he says, and how he finds it. */

import { parentOf } from '../../protocol/catalogue/paths.js'
import {
  countIn,
  doneAt,
  epochAt,
  epochIn,
  type Foreseen,
  type ForesightMemory,
  headOf,
  holdingAt,
  isBefore,
  lookIn,
  nothingForeseen,
  openingAt,
  openingIn,
  perEntry,
  restAt,
  takenAt,
  valuesAt,
  valuesOf,
} from './foresight-memory.js'
import type { LookUps } from './look-ups.js'
import type { Entry } from './values.js'

/** What is to be looked up, with new lines between: a path has none. */
export interface Look {
  look: number
  paths: string
  roots: string
  sizes: number[]
}

/** What is to be looked up of these entries. */
export function lookFor(look: number, entries: readonly Entry[]): Look {
  return {
    look,
    paths: entries.map(({ path }) => path).join('\n'),
    roots: entries.map(({ root }) => root).join('\n'),
    sizes: entries.map(({ size }) => size),
  }
}

/** Entries between two looks at whether to stop. */
const unaware = 8

/** As who looks ahead has it. */
export class Lookout {
  readonly #numbers: Int32Array
  readonly #values: Float64Array
  #epoch = 0
  #opening = 0

  constructor(memory: ForesightMemory) {
    this.#numbers = new Int32Array(memory)
    this.#values = new Float64Array(memory, valuesAt)
  }

  /** Whether the writer has not come to it yet. */
  isAhead(look: number): boolean {
    return isBefore(Atomics.load(this.#numbers, takenAt), look)
  }

  /** Whether the file is to be let go of. */
  get isToRest(): boolean {
    return Atomics.load(this.#numbers, restAt) === 1
  }

  /**
   * To be called before a snapshot of the file begins; `end` is to be called after it.
   * @returns which opening of the file it is to be of; nothing if there is none now
   */
  begin(): number | undefined {
    Atomics.store(this.#numbers, holdingAt, 1)
    this.#epoch = Atomics.load(this.#numbers, epochAt)
    this.#opening = Atomics.load(this.#numbers, openingAt)
    if (!this.isToRest && (this.#opening & 1) === 0) return this.#opening
    this.end()
    return undefined
  }

  end(): void {
    Atomics.store(this.#numbers, holdingAt, 0)
    Atomics.notify(this.#numbers, holdingAt)
  }

  /** What is said from now on is of this look, and as of `begin`. */
  start(look: number): void {
    const head = headOf(look)
    Atomics.store(this.#numbers, head + countIn, 0)
    Atomics.store(this.#numbers, head + epochIn, this.#epoch)
    Atomics.store(this.#numbers, head + openingIn, this.#opening)
    Atomics.store(this.#numbers, head + lookIn, look)
  }

  /** Says what is known of an entry, in order. */
  say(look: number, index: number, { folder, above, path, content }: Foreseen): void {
    const at = valuesOf(look) + index * perEntry
    this.#values[at] = folder
    this.#values[at + 1] = above
    this.#values[at + 2] = path
    this.#values[at + 3] = content
    Atomics.store(this.#numbers, headOf(look) + countIn, index + 1)
  }

  /** Nothing more is said of this look, nor of those before. */
  done(look: number): void {
    Atomics.store(this.#numbers, doneAt, look)
  }
}

/**
 * Looks up the entries of a call, in the snapshot that was begun.
 * @param isToStop asked every few entries
 */
export function lookUp(
  { look, paths, roots, sizes }: Look,
  by: LookUps,
  lookout: Lookout,
  isToStop = (_look: number) => false,
): void {
  const names = paths.split('\n')
  const each = roots.split('\n')
  if (names.length !== sizes.length || each.length !== sizes.length) return
  lookout.start(look)
  for (const [index, name] of names.entries()) {
    if (index % unaware === 0 && isToStop(look)) return
    lookout.say(look, index, foreseen(name, each[index]!, sizes[index]!, by))
  }
}

function foreseen(entry: string, root: string, size: number, by: LookUps) {
  const folderPath = parentOf(entry)
  const folder = by.folder(folderPath)
  if (folder === undefined) return nothingForeseen
  const above = folderPath === '' ? 0 : (by.folder(parentOf(folderPath)) ?? 0)
  const path = by.path(folder, entry.slice(entry.lastIndexOf('/') + 1)) ?? 0
  const content = path === 0 ? 0 : (by.contentUnder(path, root, size) ?? 0)
  return { folder, above, path, content }
}
