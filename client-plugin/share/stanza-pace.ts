/**
 * How fast publications go through the stream that people chat on: half of what the server allows.
 *
 * A stock Prosody allows 10 kB/s. Other servers say nothing of theirs but slow us down, and then an answer takes long:
 * what it took is waited once more, so that half of the time is left to others whatever the rate is.
 */

/** Half of a stock Prosody's rate, bytes a second. */
const bytesPerSecond = 5_000
/** Nothing is waited for longer, ms. */
const longestMs = 30_000

export class StanzaPace {
  #notBefore = Number.NEGATIVE_INFINITY

  /** How long to wait before the next one, ms. */
  waitMs(now: number): number {
    return Math.max(0, this.#notBefore - now)
  }

  /** A stanza of so many bytes was answered. */
  answered(bytes: number, saidAt: number, now: number): void {
    const share = (bytes / bytesPerSecond) * 1_000
    this.#notBefore = Math.min(now + longestMs, Math.max(saidAt + share, now + (now - saidAt)))
  }
}

/** Around the text of a publication: the IQ and its addresses, bytes. */
const iqBytes = 300
/** Around a path: of what is added with its size, time, root and type, and of what is removed, bytes. */
export const addBytes = 130
export const removeBytes = 10

/** About how many bytes a publication of these paths has. */
export function publicationBytes(added: readonly string[], removed: readonly string[]): number {
  const around = iqBytes + added.length * addBytes + removed.length * removeBytes
  return around + Buffer.byteLength(added.join('')) + Buffer.byteLength(removed.join(''))
}

/** How long a whole list would take: to write, to send, and to be taken in, in seconds. */
export const secondsByList = (entries: number): number => 5 + entries / 10_000

/** Whether a whole list is the shorter way for changes of so many bytes by stanzas, of a share of so many entries. */
export function isListShorter(bytes: number, entries: number): boolean {
  return bytes / bytesPerSecond > Math.max(10, secondsByList(entries))
}
