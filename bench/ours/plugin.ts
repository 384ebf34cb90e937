/**
 * Ours as people have it: two processes with the plugin's public API, a private Prosody and the component between
 * them. Two rows: a whole transfer, and one that was killed (-9, both ends) with nine tenths there and is resumed
 * by two new processes.
 */

import { once } from 'node:events'
import { openSync, readSync } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Blake3Hasher } from '@napi-rs/blake-hash'
import { startProsody } from '../../scripts/private-prosody.js'
import type { Peer, Round } from '../peers/peer.js'
import type { End, EndUsed } from './end.js'
import { openStage, type Stage, startComponent } from './stage.js'

const breakAt = 0.9

export const plugin: Peer = {
  name: 'jabberfs',
  how: 'two processes with the plugin over a private Prosody and the component, from accept() to finished: the final name after the last fsync, and `complete` recorded; CPU of both ends in that time',
  packages: [],
  programs: [],

  async prepare(dir, source) {
    const prosody = await startProsody()
    const component = await startComponent(prosody, dir)
    const { size } = await stat(source)
    return {
      async move(target, rest) {
        const stage = await openStage(prosody, dir, source, dirname(target))
        try {
          const whole = await wholeTransfer(stage, size, rest)
          const resumed = await resumedTransfer(stage, size, source, whole.seconds, rest)
          return { jabberfs: whole, 'jabberfs resume': resumed }
        } finally {
          await stage.close()
        }
      },
      async close() {
        component.disconnect()
        await once(component, 'exit')
        await prosody.stop()
      },
    }
  },
}

async function wholeTransfer(stage: Stage, size: number, rest: () => Promise<void>): Promise<Round> {
  const { sending, receiving } = await stage.start()
  sending.tell('send')
  await receiving.hears('offered')
  await rest()
  sending.tell('begin')
  receiving.tell('begin')
  const round = await outcome(sending, receiving, size)
  await Promise.all([sending.release(), receiving.release()])
  return round
}

/** What is to be beaten: reading and hashing the file once, and the rest at the rate of the whole transfer. */
async function resumedTransfer(
  stage: Stage,
  size: number,
  source: string,
  wholeSeconds: number,
  rest: () => Promise<void>,
): Promise<Round> {
  const first = await stage.start({ into: stage.other, breakAt })
  first.sending.tell('send')
  await first.receiving.hears('offered')
  first.receiving.tell('begin')
  await once(first.receiving.child, 'exit')
  first.sending.child.kill('SIGKILL')
  await once(first.sending.child, 'exit')

  const second = await stage.start({ into: stage.other })
  await rest()
  second.sending.tell('resume')
  await second.sending.hears('begun')
  second.receiving.tell('resume')
  const round = await outcome(second.sending, second.receiving, size)
  await Promise.all([second.sending.release(), second.receiving.release()])
  const [name] = await readdir(stage.other)
  if (name === undefined || (await stat(join(stage.other, name))).size !== size)
    throw new Error('the resumed file did not arrive')

  const { bytesMoved } = await second.receiving.hears<{ bytesMoved: number }>('finished')
  const hashedOnceSeconds = secondsToHash(source, size)
  const toBeat = hashedOnceSeconds + (bytesMoved / size) * wholeSeconds
  return {
    ...round,
    more: {
      ...round.more,
      resumeSeconds: round.seconds,
      hashOnceAndRestSeconds: toBeat,
      movedAgainPercent: (bytesMoved / size) * 100,
    },
  }
}

async function outcome(sending: End, receiving: End, size: number): Promise<Round> {
  const begun = await receiving.hears<number>('begun')
  const { at } = await receiving.hears<{ at: number }>('finished')
  const [sent, received] = await Promise.all([
    sending.hears<EndUsed>('used'),
    receiving.hears<EndUsed>('used'),
  ])
  const [sendingReady, receivingReady] = await Promise.all([
    sending.hears<number>('ready'),
    receiving.hears<number>('ready'),
  ])
  const firstByte = size > 0 ? await receiving.hears<{ at: number }>('firstByte') : { at: begun }
  return {
    seconds: (at - begun) / 1000,
    cpuSeconds: sent.cpuSeconds + received.cpuSeconds,
    peakMemoryMiB: Math.max(sent.peakMemoryMiB, received.peakMemoryMiB),
    runsOnNode: true,
    more: {
      firstByteMs: firstByte.at - begun,
      sendingPeakMiB: sent.peakMemoryMiB,
      receivingPeakMiB: received.peakMemoryMiB,
      sendingReadyMiB: sendingReady,
      receivingReadyMiB: receivingReady,
      sendingCpuSeconds: sent.cpuSeconds,
      receivingCpuSeconds: received.cpuSeconds,
    },
  }
}

function secondsToHash(path: string, size: number): number {
  const file = openSync(path, 'r')
  const buffer = Buffer.alloc(2 ** 20)
  const hash = new Blake3Hasher()
  const begun = performance.now()
  for (let at = 0; at < size; at += buffer.length) {
    const got = readSync(file, buffer, 0, buffer.length, at)
    hash.update(got === buffer.length ? buffer : buffer.subarray(0, got))
  }
  hash.digestBuffer()
  return (performance.now() - begun) / 1000
}
