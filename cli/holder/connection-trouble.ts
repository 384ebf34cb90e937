/** Why there is no stream to the server, for the person who wants one. */
import { ConnectionFailed } from '../../client-plugin/index.js'
import type { Account } from '../account.js'
import { CommandFailed } from '../failure.js'

const refusedPassword = ['not-authorized', 'credentials-expired', 'account-disabled', 'bad-address']

/** How OpenSSL and Node name what is wrong with a certificate: expired, for another name, signed by nobody that is known. */
const certificateFaults = /CERT|UNABLE_TO_VERIFY|HOSTNAME_MISMATCH|INVALID_CA|INVALID_PURPOSE/

/**
 * What the server says when it ends a stream itself (RFC 6120 §4.9.3), of what may come before a login. Prosody says the first where
 * it has no way to log in to offer, since it could not read the key for TLS.
 */
const endedByServer = [
  'undefined-condition',
  'internal-server-error',
  'policy-violation',
  'resource-constraint',
  'system-shutdown',
  'reset',
]

/** @param error as `start` of an entity throws it, or as it emits it: a stream's or SASL's condition, or of the system
 * @param addressBy how the person says where the server is */
export function connectionTrouble(
  error: unknown,
  account: Pick<Account, 'jid' | 'service'>,
  addressBy = 'JABBERFS_SERVICE, or `service` in the account’s file',
): CommandFailed {
  const code = codeOf(error)
  const server = account.service ?? account.jid.split('@')[1]
  const cause = { cause: error }
  if (refusedPassword.includes(code)) {
    return new CommandFailed(
      'wrong-password',
      `The server does not take this password for ${account.jid}.`,
      `Run \`jabberfs login ${account.jid}\` again.`,
      cause,
    )
  }
  if (code === 'not-encrypted') {
    return new CommandFailed(
      'server-unreachable',
      `${server} offers no encryption, so the password was not sent.`,
      'Ask its operator to switch TLS on.',
      cause,
    )
  }
  if (code === 'no-mechanism') {
    return new CommandFailed(
      'server-unreachable',
      `${server} offers no safe way to log in.`,
      'Ask its operator to allow SCRAM.',
      cause,
    )
  }
  if (certificateFaults.test(code)) {
    return new CommandFailed(
      'server-unreachable',
      `The certificate of the server ${server} is not to be trusted (${code}), so the password was not sent.`,
      'Ask its operator to mend it. One that nobody has signed is trusted where NODE_EXTRA_CA_CERTS names its file.',
      cause,
    )
  }
  if (endedByServer.includes(code)) {
    return new CommandFailed(
      'server-unreachable',
      `The server ${server} ended the connection before a log in was possible (${code}).`,
      'Its log says why; mostly it cannot read the key of its certificate, and so has no safe log in to offer.',
      cause,
    )
  }
  return new CommandFailed(
    'server-unreachable',
    `The server ${server} cannot be reached (${code}).`,
    `Check that it runs, and its address (${addressBy}).`,
    cause,
  )
}

function codeOf(error: unknown): string {
  if (error instanceof ConnectionFailed) return error.code
  const { condition, code } = error as { condition?: unknown; code?: unknown }
  return [condition, code].find((each) => typeof each === 'string') ?? 'failed'
}
