/** `rsync` to a private daemon. It does not encrypt: the yardstick of a good copier without TLS. */

import { writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { freePort } from '../../scripts/private-prosody.js'
import { runMeasured, startMeasured } from '../measured-process.js'
import { untilListening } from './listening.js'
import { bothEnds, type Peer } from './peer.js'

export const rsync: Peer = {
  name: 'rsync',
  how: 'rsync to a private daemon, not encrypted, verified by its own checksum',
  packages: ['rsync'],
  programs: ['rsync'],

  async prepare(dir, source) {
    const port = await freePort()
    return {
      async move(target, rest) {
        const config = join(dir, 'rsyncd.conf')
        await writeFile(
          config,
          [
            'use chroot = no',
            `port = ${port}`,
            'address = 127.0.0.1',
            `pid file = ${join(dir, 'rsyncd.pid')}`,
            '[into]',
            `path = ${dirname(target)}`,
            'read only = no',
            ...(process.getuid?.() === 0 ? ['uid = 0', 'gid = 0'] : []),
            '',
          ].join('\n'),
        )
        const server = startMeasured('rsync', ['--daemon', '--no-detach', `--config=${config}`])
        try {
          await untilListening(port)
          const to = `rsync://127.0.0.1:${port}/into/${basename(target)}`
          await rest()
          const client = await runMeasured('rsync', ['--whole-file', source, to])
          return { rsync: bothEnds(client.seconds, client, await server.stop()) }
        } finally {
          await server.stop()
        }
      },
    }
  },
}
