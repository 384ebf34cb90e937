/**
 * How we log in: which mechanism may be used over which connection (RFC 6120 §13.8.3).
 *
 * Rules: a password never crosses a network in the clear; without encryption there is no session with another machine unless somebody said so,
 * since all else would be open: who talks to whom, the fingerprints, the candidates.
 */
import { ConnectionFailed } from './errors.js'

/** What the connection is like, and what the user allowed. */
export interface LoginCircumstances {
  encrypted: boolean
  /** Whether the server is on this very machine. */
  loopback: boolean
  /** PLAIN without encryption, to this very machine only. */
  allowPlain?: boolean
  /** A session without encryption with another machine. */
  allowUnencrypted?: boolean
}

/**
 * The first usable of the mechanisms, which come in our order of preference.
 * @throws ConnectionFailed `not-encrypted` or `no-mechanism`
 */
export function chooseMechanism(mechanisms: readonly string[], circumstances: LoginCircumstances): string {
  const { encrypted, loopback, allowPlain, allowUnencrypted } = circumstances
  if (!encrypted && !loopback && !allowUnencrypted) {
    throw new ConnectionFailed('not-encrypted', 'the server offers no encryption')
  }
  const scram = mechanisms.find((each) => each.startsWith('SCRAM-'))
  if (scram !== undefined) return scram
  if (mechanisms.includes('PLAIN') && (encrypted || (loopback && allowPlain))) return 'PLAIN'
  throw new ConnectionFailed(
    'no-mechanism',
    'the server offers no way to log in that keeps the password secret',
  )
}

/** Whether this address is this very machine's own. */
export const isLoopback = (address: string | undefined): boolean =>
  address !== undefined && /^(127\.|::1$|::ffff:127\.)/.test(address)
