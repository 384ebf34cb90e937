/**
 * magic-wormhole over a private mailbox server, the two ends connected directly. Its own timing file says when
 * the receiver agreed and when the file was there, so it gets two rows: both commands from start to exit, as all peers
 * here, and that part alone, which is stricter on us: it leaves out the start of Python and the exchange of keys.
 */

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { freePort } from '../../scripts/private-prosody.js'
import { startMeasured } from '../measured-process.js'
import { untilListening } from './listening.js'
import { bothEnds, type Peer } from './peer.js'

export const wormhole: Peer = {
  name: 'magic-wormhole',
  how: 'magic-wormhole with a private mailbox server, direct connection, from the start of both commands to their exit; "alone" is its own timing, from agreed to acknowledged',
  packages: ['magic-wormhole', 'python3-magic-wormhole-mailbox-server'],
  programs: ['wormhole', 'twist3'],
  files: ['/usr/lib/python3/dist-packages/wormhole_mailbox_server'],

  async prepare(dir, source) {
    let round = 0
    return {
      async move(target, rest) {
        const port = await freePort()
        const endpoint = `--port=tcp:${port}:interface=127.0.0.1`
        const mailbox = ['wormhole-mailbox', endpoint, '--channel-db=:memory:']
        const server = startMeasured('twist3', ['--log-level=warn', ...mailbox], { cwd: dir })
        // The relay's address is one where nobody listens: both ends are here, and nothing may leave the machine.
        const common = [
          '--relay-url',
          `ws://127.0.0.1:${port}/v1`,
          '--transit-helper',
          'tcp:127.0.0.1:9',
          '--dump-timing',
        ]
        const code = `${(round % 90) + 1}-bench-bench`
        const timing = join(dir, `timing-${round++}.json`)
        try {
          await untilListening(port)
          await rest()
          const begun = performance.now()
          const sender = startMeasured('wormhole', [
            ...[...common, `${timing}.sender`, 'send', '--hide-progress', '--code', code, source],
          ])
          const receiver = startMeasured('wormhole', [
            ...[...common, timing, 'receive', '--hide-progress', '--accept-file', '-o', target, code],
          ])
          const ends = await Promise.all([sender.exited, receiver.exited])
          for (const { code: exit, said } of ends) if (exit !== 0) throw new Error(`wormhole: ${said}`)
          const whole = bothEnds((performance.now() - begun) / 1000, ...ends)
          const own = await secondsByItsOwnClock(timing)
          return { 'magic-wormhole': whole, 'magic-wormhole alone': { ...whole, seconds: own } }
        } finally {
          await server.stop()
        }
      },
    }
  },
}

async function secondsByItsOwnClock(timing: string): Promise<number> {
  const events: { name: string; start: number; stop: number | null }[] = JSON.parse(
    await readFile(timing, 'utf8'),
  )
  const agreed = events.find(({ name }) => name === 'permission')?.stop
  const there = events.find(({ name }) => name === 'send ack')?.stop
  if (!agreed || !there) throw new Error('magic-wormhole wrote no timing for this transfer')
  return there - agreed
}
