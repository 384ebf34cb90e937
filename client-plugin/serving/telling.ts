/**
 * Tells those who wait which place they have: when they come, unless it is their turn the next moment, and again when it has
 * changed, not too often. A queue that moves changes every place; who is near hears of it first, who is far less often.
 */

/** Who waits no longer than this need not hear of it: of many small files nearly each waits a moment, ms. */
const momentMs = 300

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
  readonly #came = new WeakMap<K, number>()
  #queue: readonly K[] = []
  #timer: NodeJS.Timeout | undefined
  #dueAt = 0

  constructor(
    readonly tell: (who: K, place: number) => void,
    readonly now: () => number = () => performance.now(),
  ) {}

  /** Somebody has come. */
  soon(who: K, queue: readonly K[]): void {
    this.#came.set(who, this.now())
    this.#queue = queue
    this.#tickIn(momentMs)
  }

  /** The queue is this now. */
  look(queue: readonly K[]): void {
    this.#queue = queue
    if (queue.length > 0) this.#tickIn(tellEveryMs)
  }

  #tickIn(ms: number): void {
    const at = performance.now() + ms
    if (this.#timer !== undefined && this.#dueAt <= at) return
    clearTimeout(this.#timer)
    this.#dueAt = at
    this.#timer = setTimeout(() => this.#tick(), ms)
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
    let isSoon = false
    for (const [at, who] of this.#queue.entries()) {
      const place = at + 1
      const told = this.#told.get(who)
      // A timer may come a little early.
      if (told === undefined && now - (this.#came.get(who) ?? 0) < momentMs - 50) {
        isSoon = true
        continue
      }
      const pause = told?.place === place ? sayAgainMs : tellEveryMs * Math.ceil(place / near)
      if (told !== undefined && now - told.at < pause - 100) continue
      this.#say(who, place)
      if (--left === 0) break
    }
    this.look(this.#queue)
    if (isSoon) this.#tickIn(momentMs)
  }

  #say(who: K, place: number): void {
    this.#told.set(who, { place, at: this.now() })
    this.tell(who, place)
  }
}
