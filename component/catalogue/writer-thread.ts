/**
 * The thread of the writer: what has arrived since the last turn is one batch (writer.ts). It is answered when it is on the disk, and the next
 * one is done meanwhile. Between batches, and only while nothing waits, it removes what was taken back, sweeps words and makes backups.
 *
 * What holds (P20): when the disk fails, nothing of the batch is kept, and until a write goes through again everything is refused at once.
 * The file is opened anew for that: after a failed fsync the same descriptor may lie. A file that proves damaged is set aside then.
 */

import { parentPort, workerData } from 'node:worker_threads'
import { faultOf, StoreFailed } from '../store/store-failed.js'
import { Checkpoints } from './checkpoints.js'
import { Foresight } from './foresight.js'
import { closeDescriptor, descriptorOf } from './kept-descriptor.js'
import { LogFlush } from './log-flush.js'
import { GivingWay, makeShared } from './precedence.js'
import { type Call, faultSaid, type Said } from './thread-messages.js'
import { openWriter, type Result, type Writer, type WriterConfig, type WriterOperations } from './writer.js'
import { asWriter, standBack } from './yielding.js'

/** Calls in one batch at most, and entries in them: what comes after it waits for so many. */
const maxBatch = 256
const maxEntries = 400
/** The same while somebody searches: a commit cannot stop for a search. */
const maxEntriesBesideSearch = 100
/** Between two rounds of sweeping, in ms. */
const sweepEvery = 3_600_000
/** How long nothing was asked before the index of words is merged, and between two slices of that, in ms. */
const idleFor = 1_000
const mergePause = 5
/** Between two slices of sweeping, in ms. */
const sweepPause = 50

const port = parentPort!
standBack(asWriter)
const config = workerData as WriterConfig
const { retryMs = 2_000, backupEvery = 3_600_000, firstBackup = 600_000, shared = makeShared() } = config
const way = new GivingWay(shared)
const giveWay = () => way.giveWay()
const foresight = new Foresight(config.foresight)
/** A writer with what belongs to its file. */
interface Open {
  writer: Writer
  flush: LogFlush
  checkpoints: Checkpoints
}
const openAll = (writer: Writer): Open => {
  const file = descriptorOf(config.path)
  foresight.opened()
  const open = {
    writer,
    flush: new LogFlush(`${config.path}-wal`),
    checkpoints: new Checkpoints({ path: config.path, file, shared }, (error) => failIf(open, error)),
  }
  return open
}
/** Unset between a fault and the next try. */
let open: Open | undefined = openAll(openWriter(config, false, giveWay, foresight))
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
  if (open === undefined) {
    for (const call of batch) refuse(call, unwritable())
    if (waiting.length > 0) schedule()
    return
  }
  try {
    if (batch.length > 0) {
      answer(batch, open)
      open.checkpoints.consider(open.writer)
      clearTimeout(idle)
      idle = setTimeout(merge, idleFor).unref()
      schedule()
    } else if (open.writer.removeSome()) {
      open.checkpoints.consider(open.writer)
      schedule()
    }
  } catch (error) {
    // A fault of the disk passes; a bug of ours is not to be hidden.
    if (faultOf(error) === undefined) throw error
    fail(error)
  }
}

function nextBatch(): Call[] {
  const most = way.isAsked ? maxEntriesBesideSearch : maxEntries
  let [length, entries] = [0, 0]
  while (length < Math.min(maxBatch, waiting.length)) {
    entries += entriesIn(waiting[length]!)
    if (length > 0 && entries > most) break
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
function answer(batch: Call[], by: Open): void {
  const { writer, flush } = by
  const results = writer.runAll(batch.map((call) => () => run(call, writer)))
  const fault = results.map((result) => ('error' in result ? result.error : undefined)).find(faultOf)
  if (fault !== undefined || batch.every(needNotLast)) sayAll(batch, results)
  else {
    flush.after(writer.written(), (unflushed) => {
      sayAll(batch, unflushed === undefined ? results : batch.map(() => ({ error: unflushed })))
      if (unflushed !== undefined) failIf(by, unflushed)
    })
  }
  if (fault !== undefined) throw fault
}

function sayAll(batch: Call[], results: readonly Result[]): void {
  for (const [at, result] of results.entries()) {
    const call = batch[at]!
    if (!('error' in result)) say({ id: call.id, value: result.value })
    else refuse(call, faultOf(result.error) !== undefined ? unwritable() : result.error)
  }
}

/** Parts of a list that is not finished may be lost with the power: then the list is. */
const needNotLast = ({ operation }: Call) => operation === 'fill'

function run({ operation, values }: Call, on: Writer): unknown {
  return (on.operations[operation as keyof WriterOperations] as (...values: unknown[]) => unknown)(...values)
}

/** As `fail`, if this is what is open still. */
function failIf(of: Open, error: unknown): void {
  if (of === open) fail(error)
}

function fail(error: unknown): void {
  if (open === undefined) return
  isDamaged = faultOf(error) === 'state-damaged'
  foresight.closed()
  const failed = open
  open = undefined
  failed.flush.close()
  void failed.checkpoints.close()
  try {
    failed.writer.close()
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
    const next = openWriter({ ...config, check: false }, isDamaged, giveWay, foresight)
    try {
      next.probe()
      open = openAll(next)
    } catch (error) {
      next.close()
      throw error
    }
    isDamaged = false
    say({ news: 'recovered', opened: next.opened })
    schedule()
  } catch {
    setTimeout(recover, retryMs)
  }
}

/** While publishing goes on the index is in many parts; afterwards they are made fewer, a little at a time. */
function merge(): void {
  try {
    giveWay()
    if (waiting.length === 0 && open?.writer.mergeSome()) idle = setTimeout(merge, mergePause).unref()
  } catch (error) {
    if (faultOf(error) === undefined) throw error
    fail(error)
  }
}

function sweep(): void {
  let goesOn = false
  try {
    giveWay()
    goesOn = waiting.length > 0 || open?.writer.sweepSome() === true
  } catch (error) {
    if (faultOf(error) === undefined) throw error
    fail(error)
  }
  setTimeout(sweep, goesOn ? sweepPause : sweepEvery).unref()
}

/** @returns where it is; nothing if it could not be made */
async function backUp(): Promise<string | undefined> {
  const of = open
  try {
    const made = await of?.writer.backUp()
    // What was copied is not sound: nor is what it was copied from.
    if (of !== undefined && made === undefined) {
      failIf(of, new StoreFailed('state-damaged', 'the catalogue is damaged: its copy is'))
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

/** After what was asked for is answered. */
async function close(): Promise<void> {
  while (waiting.length > 0) turn()
  const last = open
  open = undefined
  await last?.checkpoints.close()
  await new Promise<void>((resolve) =>
    last === undefined ? resolve() : last.flush.after(Number.NaN, () => resolve()),
  )
  last?.flush.close()
  last?.writer.close()
  closeDescriptor()
  port.close()
  process.exit(0)
}

port.on('message', (message: Call | 'close') => {
  if (message === 'close') {
    void close()
    return
  }
  if (message.operation === 'backUp') {
    void backUp().then((value) => say({ id: message.id, value }))
    return
  }
  waiting.push(message)
  schedule()
})
say({ ready: open.writer.opened })
schedule()
setTimeout(sweep, sweepEvery).unref()
setTimeout(backUpNowAndThen, firstBackup).unref()
