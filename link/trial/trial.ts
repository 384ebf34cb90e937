/**
 * What all trials share: a time and a switch, an end that says why, and the proof that bytes pass.
 *
 * Rules: each trial ends in its time, whatever the other end does, and leaves nothing open.
 */

import { randomBytes } from 'node:crypto'
import type { Socket } from 'node:net'
import { errorCode } from '../failure.js'

export interface Trial {
  /** Milliseconds for all of it. */
  timeoutMs: number
  signal: AbortSignal
}

/** Why it did not work: a few words without addresses. */
export class TrialFailed extends Error {
  override name = 'TrialFailed'
}

const proofBytes = 32

/** Sends random bytes from each end and awaits them at the other. @throws TrialFailed */
export async function passes(one: Socket, other: Socket): Promise<void> {
  await Promise.all([oneWay(one, other), oneWay(other, one)])
}

function oneWay(from: Socket, to: Socket): Promise<void> {
  return new Promise((resolve, reject) => {
    const sent = randomBytes(proofBytes)
    let come = Buffer.alloc(0)
    const fail = (): void => reject(new TrialFailed('it ended before a byte had come'))
    to.on('data', (chunk: Buffer) => {
      come = Buffer.concat([come, chunk.subarray(0, proofBytes)])
      if (come.length < proofBytes) return
      if (come.subarray(0, proofBytes).equals(sent)) resolve()
      else reject(new TrialFailed('other bytes came out than went in'))
    })
    for (const socket of [from, to]) {
      socket.on('error', fail)
      socket.once('close', fail)
    }
    from.write(sent)
  })
}

/**
 * Runs a trial in its time.
 * @param work gets a signal that ends with the time or the caller's own, and a place for what is to be closed after it
 * @throws TrialFailed
 */
export async function within<T>(
  { timeoutMs, signal }: Trial,
  work: (signal: AbortSignal, closing: (close: () => void) => void) => Promise<T>,
): Promise<T> {
  const closings: (() => void)[] = []
  const both = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)])
  const ended = new Promise<never>((_, reject) => {
    const end = (): void => reject(new TrialFailed('no answer in time'))
    if (both.aborted) end()
    both.addEventListener('abort', end, { once: true })
  })
  try {
    return await Promise.race([work(both, (close) => closings.push(close)), ended])
  } catch (error) {
    if (error instanceof TrialFailed) throw error
    const why = error instanceof Error && /^(TURN|STUN|connect|listen)/.test(error.message)
    throw new TrialFailed(why ? (error as Error).message : errorCode(error), { cause: error })
  } finally {
    for (const close of closings) close()
  }
}
