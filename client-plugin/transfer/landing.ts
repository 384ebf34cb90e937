/**
 * One link's share of a file: receives over it until the file is proven, then gives the file its name.
 *
 * Rule: once the name is durable the transfer is complete (P6), whatever could not be tidied up afterwards; `done` is said
 * to the other side only then.
 */

import { type PartFile, place, type Receiving, receive } from '../../bytes/index.js'
import type { Link } from '../../link/index.js'
import type { Destination } from '../journal/record.js'
import type { Ending } from './attempt.js'

/** Below this round trip, ms, half a window is on its way for long enough while the other half is asked for, up to 800 MB/s. */
const nearMs = 5
/**
 * The same where the socket ends on this machine: a handshake may take longer there than its packets, and behind a proxy or a tunnel that listens
 * here the other side may be anywhere. With this half a window is enough for 160 MB/s.
 */
const nearHereMs = 25

export class Landing {
  readonly #receiving: Receiving
  #isNamed = false

  constructor(
    readonly link: Link,
    readonly part: PartFile,
    /** Of blocks that are here: held ones count before the sender has said their hashes again, as in `resumedFrom`. */
    onProgress: (heldBytes: number) => void,
  ) {
    this.#receiving = receive(link, part, {
      onProgress: () => onProgress(part.heldBytes),
      isNear: isNear(link),
    })
  }

  /** Bytes of the file that came over this link. */
  get bytesReceived(): number {
    return this.#receiving.bytesReceived
  }

  /** The root, once every block is proven. Rejects with ReceiveFailed. */
  get proven(): Promise<{ root: Uint8Array }> {
    return this.#receiving.proven
  }

  /** Puts the file in its place. `beforeNamed` and `onNamed` are the places for the journal. Rejects with ReceiveFailed. */
  async place(
    root: Uint8Array,
    destination: Destination,
    { beforeNamed, onNamed }: { beforeNamed: () => void; onNamed: (path: string) => void },
  ): Promise<void> {
    const { dir, filename } = destination
    const onConflict = destination.onConflict === 'skip' ? 'skip' : 'rename'
    const named = (path: string) => {
      onNamed(path)
      this.#isNamed = true
    }
    try {
      await place(this.part, { dir, filename, root, onConflict, beforeNamed, onNamed: named })
    } catch (error) {
      if (!this.#isNamed) throw error
      await this.part.close()
    }
    this.#receiving.finish()
  }

  /** Ends it, unless the file is in its place: then what is still to be said gets through. */
  end(how: Ending): void {
    if (this.#isNamed) return
    if (how === 'stop') this.#receiving.stop()
    else this.link.destroy()
  }
}

/** Whether what is asked for over a link begins to come at once. */
export function isNear({ isLoopback, roundTripMs }: Pick<Link, 'isLoopback' | 'roundTripMs'>): boolean {
  if (roundTripMs === undefined) return isLoopback
  return roundTripMs < (isLoopback ? nearHereMs : nearMs)
}
