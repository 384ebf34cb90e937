/** How the mediator speaks to devices: the border to XMPP, as little as it needs. */

import type { Element } from '../../schemas/index.js'

export interface Speaker {
  /**
   * Asks a full JID, and waits for its result, at most so long.
   * @throws wire's RequestRefused, RequestFailed or Unsendable
   */
  ask(to: string, type: 'get' | 'set', payload: Element, timeoutMs: number): Promise<unknown>
  /** While the stream has enough to write already: resolves when it takes more. Nothing, if it takes more now. */
  room(): Promise<void> | undefined
  /** Directed presence; lost without a word if the stream is down. */
  presence(to: string, attrs: { type?: 'error' }, payload: Element): void
}
