/**
 * The paths that a person has chosen for single contacts, for good: kept with what is known of people's devices, and in memory,
 * since each attempt asks.
 */

import type { PathPolicy } from '../../link/index.js'
import { bareJid } from '../../schemas/index.js'
import type { ChosenPaths } from '../api.js'
import { FileTransferError } from '../errors.js'
import type { DeviceBook } from '../trust/device-book.js'
import { readPolicy } from './policy.js'

export class Chosen implements ChosenPaths {
  readonly #all: Map<string, PathPolicy>

  constructor(readonly book: DeviceBook) {
    this.#all = book.paths()
  }

  all(): ReadonlyMap<string, PathPolicy> {
    return this.#all
  }

  choose(peer: string, policy: PathPolicy | undefined): void {
    const bare = bareJid(peer)
    if (bare === undefined) throw new FileTransferError('bad-peer')
    const read = readPolicy('path', policy)
    this.book.choosePath(bare, read)
    if (read === undefined) this.#all.delete(bare)
    else this.#all.set(bare, read)
  }
}
