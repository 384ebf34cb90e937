/**
 * Saying actions to the component. A word counts as said when the component has answered `result`: it is recorded then.
 */

import { setTimeout as delay } from 'node:timers/promises'
import { type Action, writeAction } from '../../schemas/index.js'
import { request, type XmppEntity } from '../../wire/index.js'
import { type Outcome, outcomeOf, type Settled } from './outcome.js'
import type { Session } from './session.js'

/** So often a word is said again at once since the component may have begun anew; then it waits for the next login. */
const maxAgain = 3

/** Later than that nobody waits for an answer to an attempt any more, ms. */
const longestAnswerMs = 4_000

export class Mouth {
  constructor(
    readonly entity: XmppEntity,
    readonly session: Session,
    readonly component: string,
    readonly timeoutMs: number,
  ) {}

  /** Says it; to a component that began anew meanwhile, once more. Never rejects, but for a fault of our own. */
  async say(action: Action, signal?: AbortSignal): Promise<Outcome> {
    const { entity, component: to, timeoutMs, session } = this
    for (let again = 0; session.isIn; again++) {
      const { unbroken } = session
      try {
        const payload = writeAction(action)
        const signals = [...(signal ? [signal] : []), ...(again < maxAgain ? [unbroken] : [])]
        await request(entity, { to, type: 'set', payload, timeoutMs, signal: signals })
        return { is: 'recorded' }
      } catch (error) {
        const outcome = outcomeOf(error)
        if (outcome.is !== 'unsaid' || signal?.aborted) return outcome
        if (unbroken.aborted && again < maxAgain) continue
        session.doubt()
        return outcome
      }
    }
    return { is: 'unsaid' }
  }

  /**
   * Says it until there is an outcome that stays: waits for the login, and says it again, the same, as often as nobody
   * knows what became of it. Rejects with the signal's reason.
   * @param compose makes the words anew for each time
   */
  async insist(
    compose: () => Action,
    signal: AbortSignal,
    patience = Number.POSITIVE_INFINITY,
  ): Promise<Settled> {
    for (let laters = 0; ; ) {
      await this.session.whenIn(signal)
      const outcome = await this.say(compose(), signal)
      signal.throwIfAborted()
      if (outcome.is === 'unsaid') continue
      if (outcome.is !== 'later' || ++laters > patience) return outcome
      await delay(outcome.ms, undefined, { signal })
    }
  }

  /** Says what may get lost. Where too much was said, an answer to an attempt is said once more as soon as it may be. */
  mention(action: Action): void {
    void this.#mention(action).catch(() => undefined)
  }

  async #mention(action: Action): Promise<void> {
    const outcome = await this.say(action)
    // Any other word may not be true any more by then.
    const isAnswer = action.action === 'listening' || action.action === 'connecting'
    if (outcome.is !== 'later' || !isAnswer || outcome.ms > longestAnswerMs) return
    await delay(outcome.ms, undefined, { ref: false })
    await this.say(action)
  }
}
