/** OpenSSH's `scp` with AES-128-GCM, to a private sshd with keys of its own. */

import { mkdir, writeFile } from 'node:fs/promises'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../../scripts/private-prosody.js'
import { runMeasured, startMeasured } from '../measured-process.js'
import { untilListening } from './listening.js'
import { bothEnds, type Peer } from './peer.js'

export const scp: Peer = {
  name: 'scp',
  how: 'scp -c aes128-gcm@openssh.com to a private sshd, log in by key included',
  packages: ['openssh-client', 'openssh-server'],
  programs: ['scp', 'ssh-keygen', '/usr/sbin/sshd'],

  async prepare(dir, source) {
    const makeKey = (name: string) =>
      runMeasured('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(dir, name)])
    await makeKey('host')
    await makeKey('user')
    // sshd as root wants this folder for the part of itself that has no rights; its package makes it only at boot.
    await mkdir('/run/sshd', { mode: 0o755, recursive: true }).catch(() => {})
    const port = await freePort()
    await writeFile(
      join(dir, 'sshd_config'),
      [
        `Port ${port}`,
        'ListenAddress 127.0.0.1',
        `HostKey ${join(dir, 'host')}`,
        `AuthorizedKeysFile ${join(dir, 'user.pub')}`,
        `PidFile ${join(dir, 'sshd.pid')}`,
        'PasswordAuthentication no',
        'PermitRootLogin yes',
        'StrictModes no',
        'UsePAM no',
        'Subsystem sftp internal-sftp',
        '',
      ].join('\n'),
    )
    const options = [
      ...['-q', '-P', String(port), '-c', 'aes128-gcm@openssh.com', '-i', join(dir, 'user'), '-F', 'none'],
      ...['-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null', '-o', 'BatchMode=yes'],
    ]
    return {
      async move(target, rest) {
        const server = startMeasured('/usr/sbin/sshd', ['-D', '-e', '-f', join(dir, 'sshd_config')])
        try {
          await untilListening(port)
          const to = `${userInfo().username}@127.0.0.1:${target}`
          await rest()
          const client = await runMeasured('scp', [...options, source, to])
          return { scp: bothEnds(client.seconds, client, await server.stop()) }
        } finally {
          await server.stop()
        }
      },
    }
  },
}
