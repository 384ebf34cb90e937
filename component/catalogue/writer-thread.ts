/**
 * The thread of the writer: what has arrived since the last turn is one batch (writer.ts). Between batches, and only
 * while nothing waits, it removes what was taken back, sweeps words and makes backups.
 *
 * What holds (P20): when the disk fails, nothing of the batch is kept, and until a write goes through again everything is refused at once.
 * The file is opened anew for that: after a failed fsync the same descriptor may lie. A file that proves damaged is set aside then.
 */

import { parentPort, workerData } from 'node:worker_threads'
import { faultOf, StoreFailed } from '../store/store-failed.js'
import { type Call, faultSaid, type Said } from './thread-messages.js'
import { openWriter, type Writer, type WriterConfig, type WriterOperations } from './writer.js'

/** Calls in one batch at most, and entries in them: what comes after it waits for so many. */
const maxBatch = 256
const maxEntries = 400
/** Between two rounds of sweeping, in ms. */
const sweepEvery = 3_600_000
/** How long nothing was asked before the index of words is merged, and between two slices of that, in ms. */
const idleFor = 1_000
const mergePause = 5
/** Between two slices of sweeping, in ms. */
const sweepPause = 50

const port = parentPort!
const config = workerData as WriterConfig
const { retryMs = 2_000, backupEvery = 3_600_000, firstBackup = 600_000 } = config
/** Unset between a fault and the next try. */
let writer: Writer | undefined = openWriter(config)
let waiting: Call[] = []
let isScheduled = false
let idle: NodeJS.Timeout | undefined
/** Told with the next news that the disk is well: it is another file now. */
let isDamaged = false

const say = (said: Said) => port.postMessage(said)
const refuse = (call: Call, error: unknown) => say({ id: call.id, fault: faultSaid(error) })
const unwritable = () => new StoreFailed('state-unwritable', 'the catalogue cannot be written now')

const schedule = () => {
  if (isScheduled) return
  isScheduled = true
  setImmediate(turn)
}

function turn(): void {
  isScheduled = false
  const batch = nextBatch()
  if (writer === undefined) {
    for (const call of batch) refuse(call, unwritable())
    if (waiting.length > 0) schedule()
    return
  }
  try {
    if (batch.length > 0) {
      answer(batch, writer)
      clearTimeout(idle)
      idle = setTimeout(merge, idleFor).unref()
      schedule()
    } else if (writer.removeSome()) schedule()
  } catch (error) {
    // A fault of the disk passes; a bug of ours is not to be hidden.
    if (faultOf(error) === undefined) throw error
    fail(error)
  }
}

function nextBatch(): Call[] {
  let [length, entries] = [0, 0]
  while (length < Math.min(maxBatch, waiting.length)) {
    entries += entriesIn(waiting[length]!)
    if (length > 0 && entries > maxEntries) break
    length++
  }
  const batch = waiting.slice(0, length)
  waiting = waiting.slice(length)
  return batch
}

function entriesIn({ operation, values }: Call): number {
  if (operation === 'fill') return (values as Parameters<WriterOperations['fill']>)[2].length
  if (operation !== 'publish') return 0
  const [, { adds, removes }] = values as Parameters<WriterOperations['publish']>
  return adds.length + removes.length
}

/** @throws a fault of the disk, after everybody was told */
function answer(batch: Call[], on: Writer): void {
  const works = batch.map((call) => () => run(call, on))
  const results = on.runAll(works, batch.every(needNotLast))
  let fault: unknown
  for (const [at, result] of results.entries()) {
    const call = batch[at]!
    if (!('error' in result)) {
      say({ id: call.id, value: result.value })
      continue
    }
    const isFault = faultOf(result.error) !== undefined
    if (isFault) fault = result.error
    refuse(call, isFault ? unwritable() : result.error)
  }
  if (fault !== undefined) throw fault
}

/** Parts of a list that is not finished may be lost with the power: then the list is. */
const needNotLast = ({ operation }: Call) => operation === 'fill'

function run({ operation, values }: Call, on: Writer): unknown {
  return (on.operations[operation as keyof WriterOperations] as (...values: unknown[]) => unknown)(...values)
}

function fail(error: unknown): void {
  if (writer === undefined) return
  isDamaged = faultOf(error) === 'state-damaged'
  const failed = writer
  writer = undefined
  try {
    failed.close()
  } catch {
    // It failed already; what matters is that the next one is a new one.
  }
  for (const call of waiting) refuse(call, unwritable())
  waiting = []
  say({ news: 'fault', fault: faultSaid(error) })
  setTimeout(recover, isDamaged ? 0 : retryMs)
}

function recover(): void {
  try {
    const next = openWriter({ ...config, check: false }, isDamaged)
    try {
      next.probe()
    } catch (error) {
      next.close()
      throw error
    }
    writer = next
    isDamaged = false
    say({ news: 'recovered', opened: writer.opened })
    schedule()
  } catch {
    setTimeout(recover, retryMs)
  }
}

/** While publishing goes on the index is in many parts; afterwards they are made fewer, a little at a time. */
function merge(): void {
  try {
    if (waiting.length === 0 && writer?.mergeSome()) idle = setTimeout(merge, mergePause).unref()
  } catch (error) {
    if (faultOf(error) === undefined) throw error
    fail(error)
  }
}

function sweep(): void {
  let goesOn = false
  try {
    goesOn = waiting.length > 0 || writer?.sweepSome() === true
  } catch (error) {
    if (faultOf(error) === undefined) throw error
    fail(error)
  }
  setTimeout(sweep, goesOn ? sweepPause : sweepEvery).unref()
}

/** @returns where it is; nothing if it could not be made */
async function backUp(): Promise<string | undefined> {
  const of = writer
  try {
    const made = await of?.backUp()
    // What was copied is not sound: nor is what it was copied from.
    if (of !== undefined && made === undefined && of === writer) {
      fail(new StoreFailed('state-damaged', 'the catalogue is damaged: its copy is'))
    }
    return made
  } catch {
    // There is no room for it, or the file was closed meanwhile: the next one will do.
    return undefined
  }
}

async function backUpNowAndThen(): Promise<void> {
  await backUp()
  setTimeout(backUpNowAndThen, backupEvery).unref()
}

port.on('message', (message: Call | 'close') => {
  if (message === 'close') {
    while (waiting.length > 0) turn()
    writer?.close()
    port.close()
    process.exit(0)
  }
  if (message.operation === 'backUp') {
    void backUp().then((value) => say({ id: message.id, value }))
    return
  }
  waiting.push(message)
  schedule()
})
say({ ready: writer.opened })
schedule()
setTimeout(sweep, sweepEvery).unref()
setTimeout(backUpNowAndThen, firstBackup).unref()
