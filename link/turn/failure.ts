/** How a relay can fail us. No address, realm or name is ever in its text, so all of it may be logged. */

/**
 * - `unauthorized`: user name or password is not what the server wants
 * - `refused`: the server says no, for the reason that its number tells (RFC 8656, section 19; RFC 6062, section 6.3)
 * - `malformed`: a success that lacks what it must say
 * - `unreachable`: no connection to the server
 * - `closed`: the allocation is gone
 */
export type TurnFailure = 'unauthorized' | 'refused' | 'malformed' | 'unreachable' | 'closed'

export class TurnFailed extends Error {
  override name = 'TurnFailed'
  constructor(
    readonly code: TurnFailure,
    /** The server's number, 300 to 699, where it said one. */
    readonly status?: number,
    cause?: unknown,
  ) {
    super(
      `TURN: ${code}${status === undefined ? '' : ` ${status}`}`,
      cause === undefined ? undefined : { cause },
    )
  }
}
