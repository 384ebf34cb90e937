/**
 * What can go wrong in asking and connecting, each with a stable `code`; and what our own handlers throw to refuse.
 */
import type { AppCondition, Condition, ErrorType } from '../schemas/index.js'
import { type Element, refusals } from '../schemas/index.js'
import type { RefusalCode } from '../schemas/refusal.js'

/** The other side answered with an error. */
export class RequestRefused extends Error {
  override readonly name = 'RequestRefused'
  readonly code = 'refused'
  constructor(
    readonly condition: Condition,
    readonly type: ErrorType,
    readonly app?: AppCondition,
    readonly text?: string,
  ) {
    super(`refused: ${condition}/${type}${app ? ` (${app.name})` : ''}`)
  }
}

/**
 * No answer that counts has come. With `timeout` and `disconnected` nobody knows whether the request was carried out: say it again, with the same content.
 * `bad-answer`: one came, but over our caps.
 */
export class RequestFailed extends Error {
  override readonly name = 'RequestFailed'
  constructor(
    readonly code: 'timeout' | 'disconnected' | 'aborted' | 'bad-answer' | 'too-many',
    options?: { cause?: unknown },
  ) {
    super(`no answer: ${code}`, options)
  }
}

/** Thrown by a handler to refuse; it becomes the answer. */
export class Refused extends Error {
  override readonly name = 'Refused'
  constructor(
    readonly condition: Condition,
    readonly type: ErrorType,
    readonly app?: Element,
    readonly text?: string,
  ) {
    super(`${condition}/${type}`)
  }

  /** The refusal with this code of the table in schemas. */
  static by(code: RefusalCode, app?: Element): Refused {
    const { condition, type } = refusals[code]
    return new Refused(condition, type, app)
  }
}

/**
 * Why we are not online. `code` is a stream or SASL condition (`not-authorized`, `conflict`, `host-unknown`, `system-shutdown`, …), an error of the
 * system (`ECONNREFUSED`, …), or one of ours: `timeout`, `closed`, `silent`, `stuck`, `not-encrypted`, `no-mechanism`, `no-service`, `stopped`.
 */
export class ConnectionFailed extends Error {
  override readonly name = 'ConnectionFailed'
  constructor(
    readonly code: string,
    message?: string,
    options?: { cause?: unknown },
  ) {
    super(message ?? `the connection failed: ${code}`, options)
  }
}

/** A stable code for whatever an entity emitted or threw; never a peer's text, an address or a secret. */
export function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return 'failed'
  const { condition, code, name } = error as { condition?: unknown; code?: unknown; name?: unknown }
  const found = [condition, code].find((each) => typeof each === 'string' && /^[\w-]{1,64}$/.test(each))
  if (found !== undefined) return found as string
  return name === 'TimeoutError' ? 'timeout' : 'failed'
}
