/**
 * How getting a link, and a link itself, can fail. No address is ever in a reason, so all of it may be logged.
 */

/**
 * - `timeout`: nobody came, or nobody proved himself, in time
 * - `refused`: every candidate failed and nothing else could happen
 * - `bad-candidate`: no candidate may be dialled
 * - `no-relay`: this side allows only relays, and knows none
 * - `wrong-device`: somebody else answered at a candidate
 * - `aborted`: the caller closed the attempt
 */
export type LinkFailure = 'timeout' | 'refused' | 'bad-candidate' | 'no-relay' | 'wrong-device' | 'aborted'

/** An attempt that gave no link. */
export class LinkFailed extends Error {
  override name = 'LinkFailed'
  constructor(
    readonly code: LinkFailure,
    /** What happened on each path, in order, such as `connect ECONNREFUSED`. */
    readonly reasons: readonly string[],
  ) {
    super(reasons.length === 0 ? `no link: ${code}` : `no link: ${code} (${reasons.join('; ')})`)
  }
}

/**
 * - `broken`: the connection failed below us
 * - `idle`: not one byte came for the idle time
 * - `stalled`: bytes are expected and hardly any come
 * - `destroyed`: this side dropped it
 */
export type LinkLoss = 'broken' | 'idle' | 'stalled' | 'destroyed'

/** A link that is gone without an orderly end by the other side. */
export class LinkLost extends Error {
  override name = 'LinkLost'
  constructor(
    readonly code: LinkLoss,
    cause?: unknown,
  ) {
    super(`link lost: ${code}`, cause === undefined ? undefined : { cause })
  }
}

/** The code of a system's or TLS's error, in a form that holds no address. */
export function errorCode(error: unknown): string {
  const code = (error as { code?: unknown } | undefined)?.code
  return typeof code === 'string' && /^[A-Z0-9_]{1,64}$/.test(code) ? code : 'failed'
}
