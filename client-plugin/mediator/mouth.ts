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

  /** Says what may get lost: an answer to an attempt. */
  mention(action: Action): void {
    this.say(action).catch(() => undefined)
  }
}
