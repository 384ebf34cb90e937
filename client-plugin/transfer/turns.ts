/**
 * Turns: so many at once, the others wait.
 *
 * Rules: whoever has the fewest is next, and of those the first who came, so that nobody waits behind all that one peer moves; one
 * peer leaves a place for others, so that a few slow or hostile transfers of his stop nobody else's.
 */

/** Where there are fewer places, one peer may have all of them. */
const fewPlaces = 4

interface Waiting {
  peer: string
  turn: () => void
}

export class Turns {
  readonly #most: number
  /** Of each peer, how many have a turn. */
  readonly #taken = new Map<string, number>()
  readonly #waiting: Waiting[] = []

  constructor(readonly places: number) {
    this.#most = places < fewPlaces ? places : places - 1
  }

  /** How many have a turn. */
  get taken(): number {
    return [...this.#taken.values()].reduce((sum, taken) => sum + taken, 0)
  }

  /** Takes a turn if one is free for this peer (bare JID). @returns what gives it back */
  tryTake(peer: string): (() => void) | undefined {
    if (this.taken === this.places || this.#of(peer) === this.#most) return undefined
    this.#taken.set(peer, this.#of(peer) + 1)
    return this.#giveBack(peer)
  }

  /** Waits for a turn. Rejects with the signal's reason. @returns what gives it back; calling it twice does nothing */
  async take(peer: string, signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted()
    const now = this.tryTake(peer)
    if (now !== undefined) return now
    await new Promise<void>((resolve, reject) => {
      const waiting: Waiting = {
        peer,
        turn: () => {
          signal.removeEventListener('abort', leave)
          resolve()
        },
      }
      const leave = () => {
        this.#waiting.splice(this.#waiting.indexOf(waiting), 1)
        reject(signal.reason)
      }
      this.#waiting.push(waiting)
      signal.addEventListener('abort', leave, { once: true })
    })
    return this.#giveBack(peer)
  }

  #of(peer: string): number {
    return this.#taken.get(peer) ?? 0
  }

  #giveBack(peer: string): () => void {
    let given = false
    return () => {
      if (given) return
      given = true
      const left = this.#of(peer) - 1
      if (left > 0) this.#taken.set(peer, left)
      else this.#taken.delete(peer)
      this.#handOn()
    }
  }

  /** The place that is free is given to who waits: nobody overtakes. */
  #handOn(): void {
    const [first, ...others] = this.#waiting
    if (first === undefined) return
    let next = first
    for (const one of others) if (this.#of(one.peer) < this.#of(next.peer)) next = one
    if (this.#of(next.peer) === this.#most) return
    this.#waiting.splice(this.#waiting.indexOf(next), 1)
    this.#taken.set(next.peer, this.#of(next.peer) + 1)
    next.turn()
  }
}
