/**
 * The thread that looks ahead for the writer (foresight.ts), on a connection of its own. It does so only while nobody searches, never looks
 * at what the writer has come to, and when it cannot read the file it says nothing: whoever has to know looks himself.
 */

import { parentPort, workerData } from 'node:worker_threads'
import type { ForesightMemory } from './foresight-memory.js'
import { type LookUps, lookUpsIn } from './look-ups.js'
import { type Look, Lookout, lookUp } from './lookout.js'
import { type Db, openForReading } from './open-catalogue.js'
import { GivingWay, type Shared } from './precedence.js'
import { asLookout, standBack } from './yielding.js'

/** Calls that are looked up in one snapshot, so that its pages are read once. */
const atOnce = 4

const port = parentPort!
standBack(asLookout)
const { path, shared, memory } = workerData as { path: string; shared: Shared; memory: ForesightMemory }
const way = new GivingWay(shared)
const lookout = new Lookout(memory)
let open: { db: Db; lookUps: LookUps; opening: number } | undefined
let waiting: Look[] = []

const openedAs = (opening: number) => {
  if (open?.opening === opening) return open
  close()
  const db = openForReading(path)
  open = { db, lookUps: lookUpsIn(db), opening }
  return open
}

function close(): void {
  open?.db.close()
  open = undefined
}

/** Whether it is to stop in the middle. */
const isToStop = (look: number) => way.isAsked || lookout.isToRest || !lookout.isAhead(look)

function turn(): void {
  const batch = waiting.slice(0, atOnce)
  waiting = waiting.slice(atOnce)
  const ahead = batch.filter(({ look }) => lookout.isAhead(look))
  const opening = ahead.length === 0 || way.isAsked ? undefined : lookout.begin()
  if (opening !== undefined) {
    try {
      const { db, lookUps } = openedAs(opening)
      db.transaction(() => {
        for (const one of ahead) lookUp(one, lookUps, lookout, isToStop)
      })()
    } catch {
      close()
    } finally {
      lookout.end()
    }
  }
  lookout.done(batch.at(-1)!.look)
  if (waiting.length > 0) setImmediate(turn)
}

port.on('message', (message: Look | 'close') => {
  if (message === 'close') {
    close()
    process.exit(0)
  }
  if (waiting.push(message) === 1) setImmediate(turn)
})
port.postMessage({ ready: {} })
