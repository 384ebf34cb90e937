/**
 * The names a received file may get: the safe one, then `name (1)` and so on, so many and no more.
 */

import { freeName, safeName } from '../protocol/names.js'
import { ReceiveFailed } from './failure.js'

/** How many names are tried. */
export const namesTried = 1000

/** Longer names than this some file systems do not take (encrypted ones). */
export const shortNameBytes = 140

/** The `n`th name to try for a peer's name, from 0, no longer than `maxBytes`. @throws ReceiveFailed `bad-name` */
export function finalName(filename: string, n: number, maxBytes?: number): string {
  const safe = safeName(filename, maxBytes)
  if (!safe.ok) throw new ReceiveFailed('bad-name', 'the name is none that may be created')
  return freeName(safe.name, n, maxBytes)
}

/** All names to try, in order. @throws ReceiveFailed `bad-name` */
export function* finalNames(filename: string, maxBytes?: number): Generator<string> {
  for (let n = 0; n < namesTried; n++) yield finalName(filename, n, maxBytes)
}
