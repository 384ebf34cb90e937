/** The thread that brings the log of writes into the file (checkpoints.ts), on a connection of its own. */

import { parentPort, workerData } from 'node:worker_threads'
import Database from 'better-sqlite3'
import { checkpoint } from './checkpoints.js'
import { type Call, faultSaid, type Said } from './thread-messages.js'
import { asCheckpoint, standBack } from './yielding.js'

const port = parentPort!
standBack(asCheckpoint)
const db = new Database((workerData as { path: string }).path, { fileMustExist: true, timeout: 0 })
// In the file before its place in the log is used again.
db.pragma('synchronous = full')
const say = (said: Said) => port.postMessage(said)

port.on('message', (message: Call | 'close') => {
  if (message === 'close') {
    db.close()
    process.exit(0)
  }
  try {
    say({ id: message.id, value: checkpoint(db, 'passive') })
  } catch (error) {
    say({ id: message.id, fault: faultSaid(error) })
  }
})
say({ ready: {} })
