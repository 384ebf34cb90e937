/** The thread that brings the log of writes into the file (checkpoints.ts), on a connection of its own. */

import { parentPort, workerData } from 'node:worker_threads'
import Database from 'better-sqlite3'
import { checkpoint } from './checkpoints.js'
import { GivingWay, type Shared } from './precedence.js'
import { type Call, faultSaid, type Said } from './thread-messages.js'
import { asCheckpoint, standBack } from './yielding.js'

const port = parentPort!
standBack(asCheckpoint)
const { path, shared } = workerData as { path: string; shared: Shared }
const way = new GivingWay(shared)
const db = new Database(path, { fileMustExist: true, timeout: 0 })
// In the file before its place in the log is used again.
db.pragma('synchronous = full')
const say = (said: Said) => port.postMessage(said)

port.on('message', (message: Call | 'close') => {
  if (message === 'close') {
    db.close()
    process.exit(0)
  }
  try {
    // Once begun it cannot stop for a search.
    way.giveWay()
    say({ id: message.id, value: checkpoint(db, 'passive') })
  } catch (error) {
    say({ id: message.id, fault: faultSaid(error) })
  }
})
say({ ready: {} })
