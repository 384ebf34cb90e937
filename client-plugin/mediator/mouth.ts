/**
 * Saying actions to the component. A word counts as said when the component has answered `result`: it is recorded then.
 */

import { setTimeout as delay } from 'node:timers/promises'
import { type Action, writeAction } from '../../schemas/index.js'
import { request, type XmppEntity } from '../../wire/index.js'
import { type Outcome, outcomeOf, type Settled } from './outcome.js'
import type { Session } from './session.js'

export class Mouth {
  constructor(
    readonly entity: XmppEntity,
    readonly session: Session,
    readonly component: string,
    readonly timeoutMs: number,
  ) {}

  /** Says it once. Never rejects, but for a fault of our own. */
  async say(action: Action, signal?: AbortSignal): Promise<Outcome> {
    if (!this.session.isIn) return { is: 'unsaid' }
    const { entity, component: to, timeoutMs } = this
    try {
      const payload = writeAction(action)
      await request(entity, { to, type: 'set', payload, timeoutMs, ...(signal && { signal }) })
      return { is: 'recorded' }
    } catch (error) {
      const outcome = outcomeOf(error)
      if (outcome.is === 'unsaid' && !signal?.aborted) this.session.doubt()
      return outcome
    }
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
