/**
 * All blocks of one in-band stream, one after the other, at the pace of pace.ts. Each stream has its own: whose other side
 * is slow to answer, or never does, keeps no other waiting.
 */

import { setTimeout as delay } from 'node:timers/promises'
import type { Element } from '../../../schemas/index.js'
import { measure, request, type XmppEntity } from '../../../wire/index.js'
import { InBandPace, type InBandRoom } from './pace.js'

/** How long a block may be unanswered, ms. */
const answerMs = 30_000
/** What is around the payload: the iq with its addresses. */
const envelopeBytes = 250

export class InBandQueue {
  readonly #pace: InBandPace
  #last: Promise<unknown> = Promise.resolve()

  constructor(
    readonly entity: XmppEntity,
    /** What all streams of the session have together. */
    room: InBandRoom,
  ) {
    this.#pace = new InBandPace(room)
  }

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
