/**
 * One question to the component's catalogue, and its answer. What a question and its answers are is in
 * schemas/catalogue/questions.ts.
 *
 * Rules: it waits for the login; a component that does not know our login is logged in at again and asked once more; so is
 * one that began anew meanwhile; nothing else is repeated here.
 */

import {
  type Codec,
  type Element,
  Malformed,
  type QuestionName,
  type QuestionValues,
  questions,
} from '../../schemas/index.js'
import { RequestFailed, RequestRefused, request, type XmppEntity } from '../../wire/index.js'
import { FileTransferError } from '../errors.js'
import type { Session } from '../mediator/session.js'

/** The server speaks, since the component is away. */
const unreached: ReadonlySet<string> = new Set([
  'remote-server-timeout',
  'remote-server-not-found',
  'service-unavailable',
])

/** So often a question is asked again since the component may have begun anew. */
const maxAgain = 3

export class Asking {
  constructor(
    readonly entity: XmppEntity,
    readonly session: Session,
    readonly component: string,
    readonly timeoutMs: number,
    /** Fires when the plugin is stopped. */
    readonly stopped: AbortSignal,
  ) {}

  /**
   * Asks. @returns the payload of the result
   * @throws what `request` of wire throws, `Malformed` for a value that cannot be said, FileTransferError `stopped`, and the
   * reason of `given`
   */
  async ask<N extends QuestionName>(
    name: N,
    value: QuestionValues[N],
    given?: AbortSignal,
  ): Promise<Element | undefined> {
    // Not joined into one: what joins them lasts as long as the longest of them does, and with it what was asked.
    const ends = given === undefined ? [this.stopped] : [given, this.stopped]
    const { type, ask } = questions[name]
    const payload = (ask as Codec<QuestionValues[N]>).write(value)
    const { entity, component: to, timeoutMs, session } = this
    let wasUnknown = false
    for (let again = 0; ; ) {
      await session.whenIn(...ends)
      const { unbroken } = session
      try {
        const signal = again < maxAgain ? [...ends, unbroken] : ends
        return await request(entity, { to, type, payload, timeoutMs, signal })
      } catch (error) {
        for (const signal of ends) signal.throwIfAborted()
        if (error instanceof RequestFailed && error.code === 'aborted') {
          again++
          continue
        }
        if (!(error instanceof RequestRefused)) throw error
        const isUnknown = error.app?.name === 'login-required'
        if (isUnknown || unreached.has(error.condition)) session.doubt()
        if (!isUnknown || wasUnknown) throw error
        wasUnknown = true
      }
    }
  }
}

/** Reads an answer. @throws FileTransferError `component-refused` when it is none */
export function readAnswer<T>(codec: Codec<T>, answer: Element | undefined): T {
  try {
    if (answer === undefined) throw new Malformed('', 'empty')
    return codec.read(answer)
  } catch (error) {
    if (!(error instanceof Malformed)) throw error
    throw new FileTransferError('component-refused', 'an answer that cannot be read', { cause: error })
  }
}
