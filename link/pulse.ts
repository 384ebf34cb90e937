/**
 * Whether the other side of a link is still there, and in earnest (docs/protocol.md, "Alive and idle").
 *
 * Both sides say `alive` after half the idle time without a word of their own, so silence for the whole idle time (60 s)
 * means that the path or the peer is dead. Where bytes of the file are expected, being alive is not enough: fewer than
 * {@link minExpectedBytes} in the idle time is a stall. Time is counted in ticks of a quarter of the idle time, so that
 * a process that was itself suspended counts one tick for it, and not an hour of silence.
 */

/** How long a link may be silent, in milliseconds. */
const idleMsByDefault = 60_000

/** Bytes that must come in the idle time while the file is expected; `alive` frames alone do not make it. */
const minExpectedBytes = 4096

const ticksPerIdle = 4

export interface PulseActions {
  /** Nothing was said for half the idle time: say that we live. */
  sayAlive(): void
  /** The other side is gone, or might as well be. */
  lost(how: 'idle' | 'stalled'): void
}

export class Pulse {
  private readonly timer: NodeJS.Timeout
  private readonly received: number[] = []
  private receivedNow = 0
  private receivedBefore = 0
  private sentNow = false
  private quietTicks = 0
  private expecting = false

  constructor(
    private readonly actions: PulseActions,
    idleMs: number = idleMsByDefault,
  ) {
    this.timer = setInterval(() => this.tick(), Math.max(1, idleMs / ticksPerIdle))
  }

  /** Bytes that have come in, all in all. */
  get allReceived(): number {
    return this.receivedBefore + this.receivedNow
  }

  /** Counts bytes that came in. */
  came(bytes: number): void {
    this.receivedNow += bytes
  }

  /** Notes that something went out. */
  sent(): void {
    this.sentNow = true
  }

  /** Whether the other side owes us bytes of the file; the count begins anew. */
  expect(expecting: boolean): void {
    this.expecting = expecting
    this.received.length = 0
  }

  stop(): void {
    clearInterval(this.timer)
  }

  private tick(): void {
    this.quietTicks = this.sentNow ? 0 : this.quietTicks + 1
    this.sentNow = false
    this.received.push(this.receivedNow)
    this.receivedBefore += this.receivedNow
    this.receivedNow = 0
    // One more than the idle time has, as the first may be only a part.
    if (this.received.length > ticksPerIdle + 1) this.received.shift()
    const loss = this.received.length > ticksPerIdle ? this.lossOf(this.received) : undefined
    if (loss !== undefined) this.actions.lost(loss)
    else if (this.quietTicks > 0 && this.quietTicks % (ticksPerIdle / 2) === 0) this.actions.sayAlive()
  }

  private lossOf(received: readonly number[]): 'idle' | 'stalled' | undefined {
    const bytes = received.reduce((sum, one) => sum + one, 0)
    if (bytes === 0) return 'idle'
    return this.expecting && bytes < minExpectedBytes ? 'stalled' : undefined
  }
}
