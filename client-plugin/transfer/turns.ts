/** Turns: so many at once, the others wait in the order they came. */

export class Turns {
  #free: number
  readonly #waiting: (() => void)[] = []

  constructor(readonly places: number) {
    this.#free = places
  }

  /** How many have a turn. */
  get taken(): number {
    return this.places - this.#free
  }

  /** Takes a turn if one is free. @returns what gives it back */
  tryTake(): (() => void) | undefined {
    if (this.#free === 0) return undefined
    this.#free--
    return this.#giveBack()
  }

  /** Waits for a turn. Rejects with the signal's reason. @returns what gives it back; calling it twice does nothing */
  async take(signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted()
    const now = this.tryTake()
    if (now !== undefined) return now
    await new Promise<void>((resolve, reject) => {
      const turn = () => {
        signal.removeEventListener('abort', leave)
        resolve()
      }
      const leave = () => {
        this.#waiting.splice(this.#waiting.indexOf(turn), 1)
        reject(signal.reason)
      }
      this.#waiting.push(turn)
      signal.addEventListener('abort', leave, { once: true })
    })
    return this.#giveBack()
  }

  #giveBack(): () => void {
    let given = false
    return () => {
      if (given) return
      given = true
      const next = this.#waiting.shift()
      // The place is handed on, not freed: nobody overtakes who waits.
      if (next === undefined) this.#free++
      else next()
    }
  }
}
