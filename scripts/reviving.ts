/**
 * A private Prosody that is started again when it ends unasked, with a line that says so: for `npm start`.
 *
 * Rule: one that ends again within ten seconds stays away, so that a broken one does not begin for ever.
 */
import { type PrivateProsody, ProsodyFailed } from './private-prosody.js'

export interface Revival {
  /** For the options of `startProsody`. */
  readonly onEnded: (how: string) => void
  /** From now on this one is started again. What ends before that fails. */
  watch(prosody: Pick<PrivateProsody, 'restart'>): void
  /** Rejects with a `ProsodyFailed` when it stays away. */
  readonly failed: Promise<never>
  /** From now on nothing is started or said. */
  stop(): void
}

/**
 * @param say is given each line for people
 * @param tooSoonMs who ends within so many milliseconds of having been started again is not started a third time
 */
export function reviving(say: (line: string) => void, tooSoonMs = 10_000): Revival {
  let watched: Pick<PrivateProsody, 'restart'> | undefined
  let lastStart: number | undefined
  let stopped = false
  let fail: (error: ProsodyFailed) => void = () => {}
  const failed = new Promise<never>((_, reject) => {
    fail = reject
  })
  failed.catch(() => {}) // whoever asks later still learns it

  const revive = async (how: string) => {
    if (stopped) return
    const again = lastStart !== undefined && performance.now() - lastStart < tooSoonMs
    if (watched === undefined || again) {
      fail(new ProsodyFailed('prosody-failed', `Prosody ended${again ? ' again' : ''} (${how}).`))
      return
    }
    try {
      await watched.restart()
      lastStart = performance.now()
      if (!stopped) say(`Prosody ended (${how}), and has been started again: what moves goes on.`)
    } catch (error) {
      if (!(error instanceof ProsodyFailed)) throw error
      fail(new ProsodyFailed(error.code, `Prosody ended (${how}), and does not come back: ${error.message}`))
    }
  }

  return {
    // A Ctrl-C reaches it and us: whoever is to hear of the signal hears it before we take it for a death.
    onEnded: (how) => void setImmediate(() => void revive(how)),
    watch: (prosody) => {
      watched = prosody
    },
    failed,
    stop: () => {
      stopped = true
    },
  }
}
