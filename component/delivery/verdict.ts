/** What a delivery that was not answered with a result means. */

import type { RequestFailed, RequestRefused } from '../../wire/index.js'

export type Verdict =
  /** The server says that this full JID is not there. */
  | 'bounced'
  /** Says either the server, or the device about what is in the delivery. */
  | 'unknown-there'
  /** Nothing came back in time, or our server does not reach his: neither says anything about the device. */
  | 'silent'
  /** The stream is gone; everybody is. */
  | 'disconnected'
  /** The device asks for patience. */
  | 'later'
  /** The device has got it, and does not want it; the same again would not help. */
  | 'refused'

const bounces: ReadonlySet<string> = new Set(['service-unavailable', 'recipient-unavailable', 'gone'])
const unreached: ReadonlySet<string> = new Set(['remote-server-not-found', 'remote-server-timeout'])

/** What to make of an error of `request` in wire. */
export function verdictOn(error: unknown): Verdict {
  if (!(error instanceof Error)) return 'refused'
  if (error.name === 'RequestRefused') {
    const { condition, type } = error as RequestRefused
    if (bounces.has(condition)) return 'bounced'
    if (unreached.has(condition)) return 'silent'
    if (condition === 'item-not-found') return 'unknown-there'
    return type === 'wait' && condition !== 'unexpected-request' ? 'later' : 'refused'
  }
  if (error.name === 'RequestFailed') {
    const { code } = error as RequestFailed
    if (code === 'timeout') return 'silent'
    if (code === 'too-many') return 'later'
    return code === 'bad-answer' ? 'refused' : 'disconnected'
  }
  return 'refused'
}
