/** Whether a port can be opened as attempts do, and whether this machine reaches it at the addresses that it announces. */

import { connect, type Socket } from 'node:net'
import type { AddressRule } from '../../protocol/addresses.js'
import type { DirectCandidate } from '../../protocol/candidates.js'
import { type ListenOptions, openPort } from '../listening.js'
import { connected } from './connected.js'
import { passes, type Trial, TrialFailed, within } from './trial.js'

export interface TriedPort {
  port: number
  /** The addresses that were announced, and whether each of them led here. */
  addresses: { ip: string; reached: boolean }[]
}

/**
 * Opens a port, dials each address that would be announced, and closes it.
 * @param meanwhile is run while the port is open and echoes whatever comes in
 * @throws TrialFailed where no port can be opened
 */
export function tryPort(
  listen: ListenOptions,
  rule: AddressRule,
  trial: Trial,
  meanwhile?: (port: number, signal: AbortSignal) => Promise<void>,
): Promise<TriedPort> {
  return within(trial, async (signal, closing) => {
    const waiting: ((socket: Socket) => void)[] = []
    const listening = await openPort(listen, rule, (socket) => {
      closing(() => socket.destroy())
      socket.on('error', () => {})
      const next = waiting.shift()
      if (next !== undefined) next(socket)
      else socket.pipe(socket)
    })
    if (listening.server === undefined) throw new TrialFailed(listening.reason)
    const { server, candidates } = listening
    closing(() => server.close())
    const addresses: TriedPort['addresses'] = []
    for (const { ip, port } of candidates) {
      const came = new Promise<Socket>((resolve) => waiting.push(resolve))
      const reached = await reaches({ ip, port }, came, signal)
      if (!reached) waiting.length = 0
      addresses.push({ ip, reached })
    }
    await meanwhile?.(candidates[0]!.port, signal)
    return { port: candidates[0]!.port, addresses }
  })
}

async function reaches(
  { ip, port }: DirectCandidate | { ip: string; port: number },
  came: Promise<Socket>,
  signal: AbortSignal,
): Promise<boolean> {
  const socket = connect({ host: ip, port, autoSelectFamily: false, signal })
  try {
    await connected(socket)
    await passes(socket, await came)
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}
