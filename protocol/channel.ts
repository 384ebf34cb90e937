/**
 * The shape of one authenticated byte channel, as `link` gives it and `bytes` uses it.
 * Types only: the two rooms never import each other.
 */

/** One ordered, encrypted, authenticated byte channel to the other device. */
export interface Channel {
  /**
   * Queues bytes for sending. The buffer must stay untouched until `flushed` is called.
   * Gives `false` while more is queued than the socket likes.
   */
  write(bytes: Uint8Array, flushed?: () => void): boolean

  /**
   * Sets the one receiver of incoming bytes. A chunk's memory is valid only during the call.
   * What arrived before the receiver was set is given to it first.
   */
  onBytes(receive: (chunk: Uint8Array) => void): void

  /**
   * Sets who is asked, after each chunk, for memory into which the next bytes may be put at once; the chunk given then may be the
   * beginning of it. Nothing else is to be in that memory, and it is not to be used for anything else before the next asking.
   * A channel that cannot do that leaves it out, or does not ask.
   */
  lendRoom?(room: () => Uint8Array | undefined): void

  /** Called once when the channel is gone; `error` is absent after an orderly end by the peer. */
  onClosed(closed: (error?: Error) => void): void

  /** Sends what is queued, then ends. */
  end(): void

  /** Drops the channel at once. */
  destroy(): void
}
