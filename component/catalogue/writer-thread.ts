/**
 * The thread of the writer: what has arrived since the last turn is one batch (writer.ts). Between batches, and only
 * while nothing waits, it removes what was taken back and sweeps words.
 */

import { parentPort, workerData } from 'node:worker_threads'
import { faultOf } from '../store/store-failed.js'
import { type Call, faultSaid, type Said } from './thread-messages.js'
import { openWriter, type WriterConfig, type WriterOperations } from './writer.js'

/** Calls in one batch at most. */
const maxBatch = 256
/** Between two rounds of sweeping, in ms. */
const sweepEvery = 3_600_000
/** Between two slices of sweeping, in ms. */
const sweepPause = 50

const port = parentPort!
const writer = openWriter(workerData as WriterConfig)
const say = (said: Said) => port.postMessage(said)
let waiting: Call[] = []
let isScheduled = false
/** Nothing is removed while the disk fails. */
let mayRemove = true

const schedule = () => {
  if (isScheduled) return
  isScheduled = true
  setImmediate(turn)
}

function turn(): void {
  isScheduled = false
  const batch = waiting.slice(0, maxBatch)
  waiting = waiting.slice(maxBatch)
  if (batch.length > 0) {
    const results = writer.runAll(batch.map((call) => () => run(call)))
    results.forEach((result, at) => {
      const { id } = batch[at]!
      say('error' in result ? { id, fault: faultSaid(result.error) } : { id, value: result.value })
    })
    mayRemove = true
    schedule()
  } else if (mayRemove) {
    try {
      if (writer.removeSome()) schedule()
    } catch (error) {
      // A fault of the disk passes; a bug of ours is not to be hidden.
      if (faultOf(error) === undefined) throw error
      mayRemove = false
    }
  }
}

function run({ operation, values }: Call): unknown {
  return (writer.operations[operation as keyof WriterOperations] as (...values: unknown[]) => unknown)(
    ...values,
  )
}

function sweep(): void {
  let goesOn = false
  try {
    goesOn = waiting.length > 0 || writer.sweepSome()
  } catch {
    // The disk fails: the next round will do.
  }
  setTimeout(sweep, goesOn ? sweepPause : sweepEvery).unref()
}

port.on('message', (message: Call | 'close') => {
  if (message === 'close') {
    while (waiting.length > 0) turn()
    writer.close()
    port.close()
    process.exit(0)
  }
  waiting.push(message)
  schedule()
})
say({ ready: writer.opened })
schedule()
setTimeout(sweep, sweepEvery).unref()
