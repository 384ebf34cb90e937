/**
 * Tells those who wait which place they have: at once when they come, and again when it has changed, not too often. A
 * queue that moves changes every place; who is near hears of it first, who is far less often.
 */

/** Nobody is told more often, ms; and so many at most each time. */
const tellEveryMs = 3_000
const mostAtOnce = 16
/** Whoever began again in the meantime has forgotten it: it is said again after so long, ms. */
const sayAgainMs = 60_000
/** Who is further back than this waits for news twice as long, and so on. */
const near = 8

interface Told {
  place: number
  at: number
}

export class Telling<K extends object> {
  #told = new WeakMap<K, Told>()
  #queue: readonly K[] = []
  #timer: NodeJS.Timeout | undefined

  constructor(
    readonly tell: (who: K, place: number) => void,
    readonly now: () => number = () => performance.now(),
  ) {}

  /** Somebody has come: he is told at once. */
  soon(who: K, queue: readonly K[]): void {
    this.#say(who, queue.indexOf(who) + 1)
    this.look(queue)
  }

  /** The queue is this now. */
  look(queue: readonly K[]): void {
    this.#queue = queue
    if (this.#timer !== undefined || queue.length === 0) return
    this.#timer = setTimeout(() => this.#tick(), tellEveryMs)
    this.#timer.unref()
  }

  /** Nobody has heard anything. */
  again(queue: readonly K[]): void {
    this.#told = new WeakMap()
    this.look(queue)
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.#queue = []
  }

  #tick(): void {
    this.#timer = undefined
    const now = this.now()
    let left = mostAtOnce
    for (const [at, who] of this.#queue.entries()) {
      const place = at + 1
      const told = this.#told.get(who)
      const pause = told?.place === place ? sayAgainMs : tellEveryMs * Math.ceil(place / near)
      // A timer may come a little early.
      if (told !== undefined && now - told.at < pause - 100) continue
      this.#say(who, place)
      if (--left === 0) break
    }
    this.look(this.#queue)
  }

  #say(who: K, place: number): void {
    this.#told.set(who, { place, at: this.now() })
    this.tell(who, place)
  }
}
