/**
 * The roots of files that were hashed to answer a question, as long as the inode says the same: who asks again and again for what has
 * changed costs one hashing.
 *
 * Rules: in memory only, the last few hundred; a file that changed while it was hashed is not remembered; whatever is sent is proven
 * over the link all the same.
 */

import { hashSource, type Source, sourceUnchanged } from '../../bytes/index.js'
import { toHex } from '../transfer/hex.js'

const most = 256

export class KnownRoots {
  readonly #roots = new Map<string, { identity: string; root: string }>()

  /** @param hash reads the whole file @returns 64 hex. Rejects where it cannot be read */
  async rootOf(source: Source, hash: (source: Source) => Promise<Uint8Array> = hashSource): Promise<string> {
    const { path } = source
    const identity = JSON.stringify(source.identity)
    const known = this.#roots.get(path)
    if (known?.identity === identity) return known.root
    const root = toHex(await hash(source))
    this.#roots.delete(path)
    if (await sourceUnchanged(source.identity, path)) this.#roots.set(path, { identity, root })
    if (this.#roots.size > most) this.#roots.delete(this.#roots.keys().next().value!)
    return root
  }
}
