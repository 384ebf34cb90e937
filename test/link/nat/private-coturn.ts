/** A private coturn on loopback, which relays to loopback, with one account. */

import { join } from 'node:path'
import type { TurnServer } from '../../../link/gathering.js'
import { freePort } from '../../../scripts/free-port.js'
import { findProgram } from '../../../scripts/tied-process.js'
import { listening, ServerFolder } from '../../other-servers/other-server.js'

export interface PrivateCoturn extends TurnServer {
  stop(): Promise<void>
}

/**
 * @param secret shared with an XMPP server, which gives its people credentials made of it, in place of the one account
 * @throws Error where it is not installed, or does not start
 */
export async function privateCoturn(secret?: string): Promise<PrivateCoturn> {
  const program = findProgram('turnserver')
  if (program === undefined) throw new Error('coturn is not installed: apt-get install coturn')
  const folder = new ServerFolder('coturn')
  const port = await freePort()
  const [username, password] = ['faust', 'pudel']
  try {
    folder.run(program, [
      '-n',
      ...['--listening-ip', '127.0.0.1', '--relay-ip', '127.0.0.1', '--listening-port', `${port}`],
      ...(secret === undefined
        ? ['--lt-cred-mech', '--user', `${username}:${password}`]
        : ['--use-auth-secret', '--static-auth-secret', secret]),
      ...['--realm', 'localhost'],
      ...[
        '--no-udp',
        '--no-tls',
        '--no-dtls',
        '--no-cli',
        '--allow-loopback-peers',
        '--cli-password',
        'none',
      ],
      ...['--log-file', 'stdout', '--simple-log', '--pidfile', join(folder.dir, 'pid')],
      ...['--userdb', join(folder.dir, 'users')],
    ])
    await listening(port)
  } catch (error) {
    await folder.stop()
    throw error
  }
  return { ip: '127.0.0.1', port, username, password, stop: () => folder.stop() }
}
