/**
 * A further socket once it belongs to a link: what is common to both sides. If it breaks, so does the link, since some of the
 * bytes are nowhere else; where it only ends, the link may be about to.
 */

import type { TLSSocket } from 'node:tls'

/** A socket that has ended is taken for the end of the link for so long, ms. */
const endsTogetherMs = 2_000
/** After our end, the other side has this long to end too, ms. */
const lingerMs = 10_000

export class Branch {
  #timer: NodeJS.Timeout | undefined
  #ending = false
  /** Whether nothing more comes in. */
  hasEnded = false

  /** @param lost the link is not to be had without it  @param ended nothing more comes in */
  constructor(
    readonly socket: TLSSocket,
    lost: (error?: unknown) => void,
    ended: () => void = () => {},
  ) {
    // As in a link: what waits is written one by one.
    ;(socket as unknown as { _writev: null })._writev = null
    const isOver = (): void => {
      if (this.hasEnded) return
      this.hasEnded = true
      ended()
      if (!this.#ending) this.#timer ??= setTimeout(lost, endsTogetherMs)
    }
    socket.on('error', (error) => {
      if (!this.#ending && !this.hasEnded) lost(error)
    })
    socket.once('end', isOver)
    socket.once('close', () => {
      isOver()
      if (this.#ending) clearTimeout(this.#timer)
    })
    if (socket.closed) isOver()
  }

  /** The link is ending, in order: what was written to it is still sent. */
  ending(): void {
    if (this.#ending) return
    this.#ending = true
    clearTimeout(this.#timer)
    if (!this.socket.closed) this.#timer = setTimeout(() => this.socket.destroy(), lingerMs)
  }

  destroy(): void {
    this.#ending = true
    clearTimeout(this.#timer)
    this.socket.destroy()
  }
}
