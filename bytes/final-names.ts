/**
 * The names a received file may get: the safe one, then `name (1)` and so on, so many and no more.
 */

import { freeName, safeName } from '../protocol/names.js'
import { ReceiveFailed } from './failure.js'

/** How many names are tried. */
export const namesTried = 1000

/** The names to try for a peer's name, in order. @throws ReceiveFailed `bad-name` */
export function* finalNames(filename: string, maxBytes?: number): Generator<string> {
  const safe = safeName(filename, maxBytes)
  if (!safe.ok) throw new ReceiveFailed('bad-name', 'the name is none that may be created')
  for (let n = 0; n < namesTried; n++) yield freeName(safe.name, n, maxBytes)
}
