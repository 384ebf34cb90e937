/** Gives an order to the process that holds the state folder, if there is one. */
import { createConnection, type Socket } from 'node:net'
import { exits } from '../exit-codes.js'
import type { Order, Report } from '../words.js'
import type { Conversation } from './conversation.js'
import { doorPath } from './door.js'
import { readLines, writeLine } from './json-lines.js'

export type Relayed =
  /** Nobody holds the folder. */
  | 'nobody'
  /** The holder ended before it had begun with the order: it may be given again. */
  | 'not-begun'
  /** The holder ended before the order was done. */
  | 'holder-ended'
  | { exit: number }

/** Relays an order, its reports and its remarks. */
export async function relay(state: string, order: Order, conversation: Conversation): Promise<Relayed> {
  const socket = await knock(state)
  if (socket === undefined) return 'nobody'
  const stopHearing = conversation.onRemark((remark) => writeLine(socket, remark))
  try {
    return await new Promise<Relayed>((resolve) => {
      let exit: number | undefined
      let isBegun = false
      readLines(socket, (value) => {
        const report = value as Report
        isBegun = true
        if (report.report === 'end') exit = report.exit
        else conversation.report(report)
      })
      socket.on('error', () => {})
      socket.once('close', () =>
        resolve(exit !== undefined ? { exit } : isBegun ? 'holder-ended' : 'not-begun'),
      )
      conversation.gone.addEventListener('abort', () => {
        exit ??= exits.interrupted.exit
        socket.destroy()
      })
      writeLine(socket, order)
    })
  } finally {
    stopHearing()
    socket.destroy()
  }
}

/** @returns the process id of who holds the folder, undefined where nobody answers */
export async function greet(state: string): Promise<number | undefined> {
  let pid: number | undefined
  await relay(
    state,
    { order: 'greet' },
    {
      report: (report) => {
        if (report.report === 'relayed') pid = report.pid
      },
      caughtUp: async () => {},
      onRemark: () => () => {},
      gone: new AbortController().signal,
    },
  )
  return pid
}

/** @returns a connection, or undefined when nobody listens. */
async function knock(state: string): Promise<Socket | undefined> {
  let door: ReturnType<typeof doorPath>
  try {
    door = doorPath(state)
  } catch {
    return undefined // no such folder yet
  }
  try {
    return await new Promise((resolve) => {
      const socket = createConnection(door.path)
      socket.once('connect', () => resolve(socket))
      socket.once('error', () => resolve(undefined))
    })
  } finally {
    door.release()
  }
}
