/**
 * Waking what waits for a source that is away. A request to somebody who is away stands at the component and is brought to him when he
 * comes (docs/protocol.md, "Shared files"): so one of those who wait for him asks already, and when he shows himself the others look again.
 *
 * Rules: one standing request for a peer, and so many in all, however many wait: the component bounds what waits for one; and who is
 * woken looks in his turn, so that a thousand of them are no thousand questions at once (P16).
 */

/** Standing requests at once. */
const mostStanding = 32
/** So many look at once, and then one after so many ms: less than the component answers. */
const atOnce = 8
const betweenMs = 100
/** Who waits looks again by himself, too: each after so long for each of those who wait, ms, and after the longest at the latest. */
const eachMs = 5_000
export const longestMs = 60_000

interface Waiting {
  peers: ReadonlySet<string>
  wake(): void
}

export class Bells {
  readonly #standing = new Map<string, object>()
  readonly #waiting = new Set<Waiting>()
  #line: Waiting[] = []
  #timer: NodeJS.Timeout | undefined

  /**
   * How long to wait at most until sources are looked for again, ms: somebody else may have come, or have it now. The more wait, the
   * longer each of them, so that all together ask no more often than a few would.
   * @param shortestMs what one who is alone waits at least
   */
  longestWaitMs(shortestMs: number): number {
    const all = this.#waiting.size + this.#standing.size
    return Math.min(longestMs, Math.max(shortestMs, eachMs * all))
  }

  /** Whether nobody stands at this peer's door yet, and there may be one more. */
  isFree(peer: string): boolean {
    return !this.#standing.has(peer) && this.#standing.size < mostStanding
  }

  /** Somebody's request stands there now. */
  stand(peer: string, whose: object): void {
    this.#standing.set(peer, whose)
  }

  /** It does not any more. */
  leave(peer: string, whose: object): void {
    if (this.#standing.get(peer) === whose) this.#standing.delete(peer)
  }

  /** The peer has shown himself: who waits for him is woken in his turn. */
  rang(peer: string): void {
    const inLine = new Set(this.#line)
    for (const one of this.#waiting) if (one.peers.has(peer) && !inLine.has(one)) this.#line.push(one)
    if (this.#timer === undefined) this.#next(atOnce)
  }

  /** Resolves after so many ms, or when it was its turn after one of these rang. Rejects with the signal's reason. */
  wait(ms: number, peers: ReadonlySet<string>, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const done = () => {
        clearTimeout(timer)
        signal.removeEventListener('abort', stop)
        this.#waiting.delete(one)
      }
      const wake = () => {
        done()
        resolve()
      }
      const stop = () => {
        done()
        reject(signal.reason)
      }
      const one: Waiting = { peers, wake }
      const timer = setTimeout(wake, ms)
      if (signal.aborted) return stop()
      signal.addEventListener('abort', stop)
      this.#waiting.add(one)
    })
  }

  #next(count: number): void {
    this.#timer = undefined
    for (const one of this.#line.splice(0, count)) if (this.#waiting.has(one)) one.wake()
    if (this.#line.length === 0) return
    this.#timer = setTimeout(() => this.#next(1), betweenMs)
    this.#timer.unref()
  }
}
