/**
 * The socket in the state folder: by it, other commands of the same person reach the process that holds the
 * folder. Only the owner can: the folder is 0700, the socket 0600.
 */
import { chmodSync, closeSync, openSync, rmSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import type { Order, Remark, Report } from '../words.js'
import type { CarryOut, Conversation } from './conversation.js'
import { readLines, writeLine } from './json-lines.js'

/** Every order there is; a process of another version may send others. */
const orders: Record<Order['order'], true> = {
  send: true,
  get: true,
  receive: true,
  transfers: true,
  resume: true,
  abort: true,
  share: true,
  unshare: true,
  shares: true,
  search: true,
  sources: true,
  peers: true,
  browse: true,
  tags: true,
  watch: true,
  watches: true,
  unwatch: true,
  serve: true,
  greet: true,
  devices: true,
  trust: true,
  'forget-device': true,
  doctor: true,
  path: true,
}

/** How a socket's name may be written: the kernel takes 107 bytes, and folders are longer at times. */
export function doorPath(state: string): { path: string; release(): void } {
  const path = join(state, 'door.sock')
  if (Buffer.byteLength(path) < 100 || process.platform !== 'linux') return { path, release() {} }
  const folder = openSync(state, 'r')
  return { path: `/proc/self/fd/${folder}/door.sock`, release: () => closeSync(folder) }
}

export interface Door {
  /** Orders of other commands that are being carried out. */
  busy(): number
  /** Resolves when none is left. */
  quiet(): Promise<void>
  /** Lets nobody in any more, nor takes an order of who has not given it; whose order is being carried out stays. Only while the folder is held: after that the door may be another's. */
  shut(): void
  /** Ends what is left, too. */
  close(): Promise<void>
}

/** Opens the door. Only the holder of the folder may, so that what lies there from before can be removed. */
export async function openDoor(state: string, carryOut: CarryOut): Promise<Door> {
  const visits = new Set<Promise<void>>()
  const sockets = new Set<Socket>()
  let closed: Promise<void> | undefined
  const server: Server = createServer((socket) => {
    sockets.add(socket)
    const visit = receiveVisit(socket, carryOut, () => closed !== undefined).finally(() => {
      visits.delete(visit)
    })
    visits.add(visit)
    socket.once('close', () => sockets.delete(socket))
  })
  const { path, release } = doorPath(state)
  try {
    rmSync(join(state, 'door.sock'), { force: true })
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(path, resolve)
    })
    chmodSync(join(state, 'door.sock'), 0o600)
  } finally {
    release()
  }
  const shut = () => {
    if (closed !== undefined) return
    rmSync(join(state, 'door.sock'), { force: true })
    closed = new Promise((resolve) => server.close(() => resolve()))
  }
  return {
    busy: () => visits.size,
    async quiet() {
      while (visits.size > 0) await Promise.all(visits)
    },
    shut,
    close: async () => {
      shut()
      for (const socket of sockets) socket.destroySoon()
      await closed
    },
  }
}

/** Of these the next one says the same, better. */
const droppable: ReadonlySet<Report['report']> = new Set(['progress', 'sharing', 'folder-getting'])

/** Resolves when what was written has gone out, or the other end has gone. */
function drained(socket: Socket): Promise<void> {
  if (socket.destroyed || !socket.writableNeedDrain) return Promise.resolve()
  return new Promise((resolve) => {
    const end = () => {
      socket.off('drain', end)
      socket.off('close', end)
      resolve()
    }
    socket.on('drain', end)
    socket.on('close', end)
  })
}

/** One connection is one order: its first line; what follows are remarks. */
async function receiveVisit(socket: Socket, carryOut: CarryOut, isShut: () => boolean): Promise<void> {
  const gone = new AbortController()
  const listeners = new Set<(remark: Remark) => void>()
  let isPaused = false
  socket.on('error', () => {})
  socket.once('close', () => gone.abort())
  const conversation: Conversation = {
    report: (report: Report) => {
      if (droppable.has(report.report) && socket.writableLength > 64 * 1024) return
      writeLine(socket, report)
    },
    caughtUp: () => drained(socket),
    onRemark(listener) {
      listeners.add(listener)
      // Ctrl-C may have come right behind the order, before anybody here heard it; nothing else would ever end him.
      if (isPaused) queueMicrotask(() => listeners.has(listener) && listener({ remark: 'pause' }))
      return () => listeners.delete(listener)
    },
    gone: gone.signal,
  }
  const order = await new Promise<Order | undefined>((resolve) => {
    let first = true
    readLines(socket, (value) => {
      if (!first) {
        const remark = value as Remark
        if (remark.remark === 'pause') isPaused = true
        for (const listener of [...listeners]) listener(remark)
        return
      }
      first = false
      resolve(value as Order)
    })
    socket.once('close', () => resolve(undefined))
  })
  if (order === undefined) return
  if (isShut()) {
    socket.destroy()
    return
  }
  const known = Object.hasOwn(orders, String((order as { order?: unknown })?.order))
  if (!known) {
    const todo = 'End the other jabberfs, which is of another version.'
    conversation.report({ report: 'error', code: 'holder-ended', says: 'The order is not understood.', todo })
  }
  const exit = known ? await carryOut(order, conversation) : 13
  conversation.report({ report: 'end', exit })
  socket.end()
}
