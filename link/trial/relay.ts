/**
 * A TURN server that takes TCP (RFC 6062), with oneself at both ends: at its relayed address somebody comes in, as the other
 * side of a transfer would, dialling it plainly, or from an allocation of its own.
 */

import { connect, type Socket } from 'node:net'
import type { TurnServer } from '../gathering.js'
import { openAllocation, type TurnAllocation } from '../turn/index.js'
import { connected } from './connected.js'
import { passes, type Trial, TrialFailed, within } from './trial.js'

export interface TriedRelay {
  /** Whether it was reached by plain dialling; else from another allocation only. */
  plainly: boolean
  relayed: { ip: string; port: number }
  /** What the server sees us as. */
  outer: { ip: string; port: number }
}

/** @throws TrialFailed */
export function tryTurn(server: TurnServer, trial: Trial): Promise<TriedRelay> {
  return within(trial, async (signal, closing) => {
    const open = async (): Promise<TurnAllocation> => {
      const allocation = await openAllocation(server, { timeoutMs: trial.timeoutMs, signal })
      closing(() => allocation.close())
      return allocation
    }
    const allocation = await open()
    const { relayed, outer } = allocation
    const came: Socket[] = []
    const hears: ((socket: Socket) => void)[] = []
    allocation.onPeer((socket) => {
      closing(() => socket.destroy())
      const hear = hears.shift()
      if (hear === undefined) came.push(socket)
      else hear(socket)
    })
    const next = () =>
      new Promise<Socket>((resolve) => {
        const socket = came.shift()
        if (socket === undefined) hears.push(resolve)
        else resolve(socket)
      })
    const through = async (socket: Socket): Promise<void> => {
      closing(() => socket.destroy())
      const ended = new Promise<never>((_, reject) => {
        socket.once('close', () => reject(new TrialFailed('the relay let nobody in')))
      })
      await passes(socket, await Promise.race([next(), ended]))
    }
    const plainly = async (): Promise<void> => {
      await allocation.permit(outer.ip)
      const socket = connect({ host: relayed.ip, port: relayed.port, autoSelectFamily: false, signal })
      closing(() => socket.destroy())
      await connected(socket)
      await through(socket)
    }
    const fromAnother = async (): Promise<void> => {
      const other = await open()
      await allocation.permit(other.relayed.ip)
      await through(await other.dial(relayed))
    }
    try {
      await within({ timeoutMs: trial.timeoutMs / 2, signal }, plainly)
      return { plainly: true, relayed, outer }
    } catch {
      hears.length = 0
      await fromAnother()
      return { plainly: false, relayed, outer }
    }
  })
}

/** Whether somebody outside reaches an address of ours: a TURN server dials it. @throws TrialFailed */
export function dialledFromOutside(
  server: TurnServer,
  own: { ip: string; port: number },
  trial: Trial,
): Promise<void> {
  return within(trial, async (signal, closing) => {
    const allocation = await openAllocation(server, { timeoutMs: trial.timeoutMs, signal })
    closing(() => allocation.close())
    await allocation.permit(own.ip)
    const socket = await allocation.dial(own)
    closing(() => socket.destroy())
    // The port echoes.
    await passesOnce(socket)
  })
}

function passesOnce(socket: Socket): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('data', () => resolve())
    socket.once('close', () => reject(new TrialFailed('it ended before a byte had come')))
    socket.on('error', () => {})
    socket.write('here')
  })
}
