/** The thread of one reader: one query at a time, each with a deadline. */

import { parentPort, workerData } from 'node:worker_threads'
import { openReader, type ReaderOperations } from './reader.js'
import { type Call, faultSaid, type Said } from './thread-messages.js'

const port = parentPort!
const { path, cacheKiB } = workerData as { path: string; cacheKiB?: number }
const reader = openReader(path, cacheKiB)
const say = (said: Said) => port.postMessage(said)

port.on('message', ({ id, operation, values, deadline }: Call) => {
  try {
    const run = reader.operations[operation as keyof ReaderOperations] as (...values: unknown[]) => unknown
    say({ id, value: reader.within(deadline!, () => run(...values)) })
  } catch (error) {
    say({ id, fault: faultSaid(error) })
  }
})
say({ ready: {} })
