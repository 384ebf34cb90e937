/**
 * What a process of Node holds, thread by thread, told from inside: loaded with `--import` into the process that is looked at, and so
 * into each of its threads. Its parent asks with a word, and is answered with a `Holding`.
 *
 * The component itself knows nothing of it. It keeps no thread and no process from ending.
 */

import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { BroadcastChannel, isMainThread, threadId } from 'node:worker_threads'

/** The word that asks. With `gc` every thread collects its garbage first. */
export interface Asking {
  ask: 'holding'
  id: number
  gc: boolean
}

/** Bytes of one thread. */
export interface HeldByThread {
  thread: number
  heapUsed: number
  heapTotal: number
  /** Of that, the room for what is new: it grows with how much is asked, up to a bound, and is not given back. */
  young: number
  external: number
  arrayBuffers: number
}

export interface Holding {
  told: 'holding'
  id: number
  threads: HeldByThread[]
}

/** How long threads are waited for, in ms: one that is in a long statement answers after it. */
const patience = 3_000

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

function held({ gc }: Asking): HeldByThread {
  // What the first round lets go of may hold what the second does.
  if (gc) for (let n = 0; n < 2; n++) collect()
  const { heapUsed, heapTotal, external, arrayBuffers } = process.memoryUsage()
  const young = getHeapSpaceStatistics().find((space) => space.space_name === 'new_space')?.space_size ?? 0
  return { thread: threadId, heapUsed, heapTotal, young, external, arrayBuffers }
}

const channel = new BroadcastChannel('jabberfs-soak-holding')
// Node's own type of it is a DOM's and does not know `unref`.
;(channel as unknown as { unref(): void }).unref()

if (isMainThread) {
  let asked: Asking | undefined
  let threads: HeldByThread[] = []
  channel.onmessage = (event) => {
    const { id, by } = (event as { data: { id: number; by?: HeldByThread } }).data
    if (by !== undefined && id === asked?.id) threads.push(by)
  }
  process.on('message', (message: Asking) => {
    if (message?.ask !== 'holding') return
    asked = message
    threads = []
    channel.postMessage(message)
    setTimeout(() => {
      asked = undefined
      const told: Holding = { told: 'holding', id: message.id, threads: [held(message), ...threads] }
      process.send?.(told)
    }, patience)
  })
  process.channel?.unref()
} else {
  channel.onmessage = (event) => {
    const asking = (event as { data: Asking }).data
    if (asking.ask === 'holding') channel.postMessage({ id: asking.id, by: held(asking) })
  }
}
