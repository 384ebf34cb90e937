/**
 * Numbers that look random and come again with the same seed.
 */

import { seed as seedOfRun } from '../seed.js'

export interface Random {
  readonly seed: number
  /** From 0 up to, and without, `below`. */
  below(below: number): number
  bytes(length: number): Buffer
}

/** A generator (mulberry32); without a seed, that of the run. */
export function createRandom(seed: number = seedOfRun): Random {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return (mixed ^ (mixed >>> 14)) >>> 0
  }
  return {
    seed,
    below: (below) => Math.floor((next() / 2 ** 32) * below),
    bytes(length) {
      const words = new Uint32Array(Math.ceil(length / 4))
      for (let at = 0; at < words.length; at++) words[at] = next()
      return Buffer.from(words.buffer, 0, length)
    },
  }
}
