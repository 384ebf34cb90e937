/** A TCP connection to a server of ours, within a time; who gives up leaves nothing open. */

import { connect, type Socket } from 'node:net'
import type { AddressAndPort } from '../stun/attributes.js'
import { TurnFailed } from './failure.js'

/** Idle connections are spoken on by the system, so that routers between do not forget them, after so many ms. */
const keepAliveMs = 60_000

/** @throws TurnFailed `unreachable` */
export function reach(
  { ip, port }: AddressAndPort,
  { timeoutMs, signal, localAddress }: { timeoutMs: number; signal?: AbortSignal; localAddress?: string },
): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const from = localAddress === undefined ? {} : { localAddress }
    const socket = connect({ host: ip, port, noDelay: true, ...from })
    const fail = (cause?: unknown): void => {
      done()
      socket.destroy()
      reject(new TurnFailed('unreachable', undefined, cause))
    }
    const timer = setTimeout(fail, timeoutMs, new Error('timeout'))
    const stop = (): void => fail(new Error('aborted'))
    const done = (): void => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', stop)
    }
    // Stays: an error before the next owner listens is no reason to die.
    socket.on('error', fail)
    socket.once('connect', () => {
      done()
      socket.setKeepAlive(true, keepAliveMs)
      resolve(socket)
    })
    if (signal?.aborted === true) stop()
    else signal?.addEventListener('abort', stop)
  })
}
