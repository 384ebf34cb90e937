/** All blocks of all in-band streams of one session, one after the other, at the pace of pace.ts. */

import { setTimeout as delay } from 'node:timers/promises'
import type { Element } from '../../../schemas/index.js'
import { measure, request, type XmppEntity } from '../../../wire/index.js'
import { InBandPace } from './pace.js'

/** How long a block may be unanswered, ms. */
const answerMs = 30_000
/** What is around the payload: the iq with its addresses. */
const envelopeBytes = 250

export class InBandQueue {
  readonly #pace = new InBandPace()
  #last: Promise<unknown> = Promise.resolve()

  constructor(readonly entity: XmppEntity) {}

  /** Says it when its turn has come. @throws RequestRefused, RequestFailed, or the signal's reason */
  say(to: string, payload: Element, signal?: AbortSignal): Promise<void> {
    const turn = this.#last.then(() => this.#say(to, payload, signal))
    this.#last = turn.catch(() => undefined)
    return turn
  }

  async #say(to: string, payload: Element, signal?: AbortSignal): Promise<void> {
    const bytes = measure(payload) + envelopeBytes
    for (;;) {
      signal?.throwIfAborted()
      const waitMs = this.#pace.waitMs(bytes, performance.now())
      if (waitMs <= 0) break
      await delay(waitMs, undefined, { ...(signal && { signal }) })
    }
    const saidAt = performance.now()
    this.#pace.said(bytes, saidAt)
    try {
      await request(this.entity, { to, type: 'set', payload, timeoutMs: answerMs, ...(signal && { signal }) })
    } finally {
      const now = performance.now()
      this.#pace.answered(now - saidAt, now)
    }
  }
}
