/**
 * Shares of which the component did not take what it was told: it kept to what it had, or said that something is wrong with it. Each is
 * told again after a pause of its own, which grows, and the others go on.
 */

import { FileTransferError } from '../errors.js'

/** The first pause, doubled each time, and the longest, ms. */
const shortestMs = 1_000
const longestMs = 600_000

interface Pausing {
  trouble: FileTransferError
  ms: number
  /** On the clock of `performance.now()`. */
  until: number
}

export class NotTaken {
  readonly #pausing = new Map<string, Pausing>()
  #timer: NodeJS.Timeout | undefined

  constructor(
    /** Told when a pause is over. */
    readonly onOver: () => void,
  ) {}

  /** Why one of them is not told. */
  get trouble(): FileTransferError | undefined {
    for (const { trouble } of this.#pausing.values()) return trouble
    return undefined
  }

  /** Tells of a share, unless that pauses. @returns whether something was said @throws what `tell` throws, but for what is not taken */
  async unlessPausing(id: string, tell: () => Promise<boolean>): Promise<boolean> {
    if (performance.now() < (this.#pausing.get(id)?.until ?? 0)) return false
    try {
      const saidSome = await tell()
      this.#pausing.delete(id)
      return saidSome
    } catch (error) {
      if (!(error instanceof FileTransferError) || error.code !== 'component-refused') throw error
      this.#refused(id, error)
      return false
    }
  }

  #refused(id: string, trouble: FileTransferError): void {
    const before = this.#pausing.get(id)
    const ms = before === undefined ? shortestMs : Math.min(longestMs, before.ms * 2)
    this.#pausing.set(id, { trouble, ms, until: performance.now() + ms })
    this.#later()
  }

  /** Each is told again at once; should that fail, its pause grows all the same. */
  endPauses(): void {
    for (const each of this.#pausing.values()) each.until = 0
  }

  /** Those that are shared no more are forgotten. */
  keep(ids: ReadonlySet<string>): void {
    for (const id of this.#pausing.keys()) if (!ids.has(id)) this.#pausing.delete(id)
  }

  /** Forgets all: after a login, and at the end. */
  clear(): void {
    this.#pausing.clear()
    clearTimeout(this.#timer)
  }

  #later(): void {
    clearTimeout(this.#timer)
    const now = performance.now()
    const ahead = [...this.#pausing.values()].map(({ until }) => until).filter((until) => until > now)
    if (ahead.length === 0) return
    // A timer may fire a moment early.
    this.#timer = setTimeout(
      () => {
        this.#later()
        this.onOver()
      },
      Math.min(...ahead) - now + 5,
    )
    this.#timer.unref()
  }
}
