/** Ours without XMPP: what the rooms `link` and `bytes` do between two processes. */

import { randomBytes } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Peer } from '../peers/peer.js'
import { End, type EndUsed } from './end.js'

export const rooms: Peer = {
  name: 'jabberfs-rooms',
  how: 'link and bytes alone between two processes, from the opening of the attempt to the final name after the last fsync',
  packages: [],
  programs: [],

  async prepare(_dir, source) {
    const { size } = await stat(source)
    return {
      async move(target, rest) {
        const env = { SOURCE: source, INTO: dirname(target), FILESIZE: String(size) }
        const sending = new End('rooms-end', 'sending', env)
        const receiving = new End('rooms-end', 'receiving', env)
        try {
          const token = [...randomBytes(32)]
          const [senderId, receiverId] = await Promise.all([
            sending.hears<string>('id'),
            receiving.hears<string>('id'),
          ])
          sending.tell('peer', { id: receiverId, token })
          receiving.tell('peer', { id: senderId, token })
          await Promise.all([sending.hears('ready'), receiving.hears('ready')])
          await rest()
          receiving.tell('go')
          sending.tell('go')
          sending.tell('candidates', await receiving.hears('candidates'))
          receiving.tell('candidates', await sending.hears('candidates'))
          const { seconds, firstByteMs, placingMs } = await receiving.hears<{
            seconds: number
            firstByteMs: number
            placingMs: number
          }>('placed')
          const ends = await Promise.all([sending.hears<EndUsed>('used'), receiving.hears<EndUsed>('used')])
          return {
            'jabberfs-rooms': {
              seconds,
              cpuSeconds: ends[0].cpuSeconds + ends[1].cpuSeconds,
              peakMemoryMiB: Math.max(ends[0].peakMemoryMiB, ends[1].peakMemoryMiB),
              runsOnNode: true,
              more: {
                firstByteMs,
                placingMs,
                sendingCpuSeconds: ends[0].cpuSeconds,
                receivingCpuSeconds: ends[1].cpuSeconds,
                sendingPeakMiB: ends[0].peakMemoryMiB,
                receivingPeakMiB: ends[1].peakMemoryMiB,
                wholeProcessCpuSeconds: ends[0].wholeCpuSeconds + ends[1].wholeCpuSeconds,
              },
            },
          }
        } finally {
          await Promise.all([sending.release(), receiving.release()])
        }
      },
    }
  },
}
