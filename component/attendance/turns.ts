/**
 * A queue in which everybody has a turn: one domain after the other, in each domain one peer after the other, and each
 * peer's own in their order. So the many of one are not before the few of another, whoever came first.
 */

import { parseJid } from '../../schemas/index.js'

/** Lines of something, of which each has its turn. */
class Round<T extends { readonly isEmpty: boolean }> {
  readonly #lines = new Map<string, T>()

  get isEmpty(): boolean {
    return this.#lines.size === 0
  }

  line(key: string, make: () => T): T {
    const there = this.#lines.get(key)
    if (there !== undefined) return there
    const made = make()
    this.#lines.set(key, made)
    return made
  }

  /** Takes of the line whose turn it is; it is the last of all then. */
  next<I>(take: (line: T) => I): I | undefined {
    for (const [key, line] of this.#lines) {
      this.#lines.delete(key)
      const item = take(line)
      if (!line.isEmpty) this.#lines.set(key, line)
      return item
    }
    return undefined
  }
}

class Line<I> {
  readonly #items: I[] = []

  get isEmpty(): boolean {
    return this.#items.length === 0
  }

  push(item: I): void {
    this.#items.push(item)
  }

  take(): I | undefined {
    return this.#items.shift()
  }
}

/** Items by the full JID that each is about. */
export class Turns<I> {
  readonly #domains = new Round<Round<Line<I>>>()

  push(jid: string, item: I): void {
    const { domain = jid, bare = jid } = parseJid(jid) ?? {}
    const peers = this.#domains.line(domain, () => new Round())
    peers.line(bare, () => new Line()).push(item)
  }

  next(): I | undefined {
    return this.#domains.next((peers) => peers.next((line) => line.take()))
  }
}
