/** The keeper's thread: calls come in, answers and stands go out. A fault that it cannot go on with ends it. */

import { parentPort, workerData } from 'node:worker_threads'
import type { KeeperCall, KeeperData, KeeperSays } from '../keeper-messages.js'
import { Keeper } from './keeper.js'

const port = parentPort!
const say = (said: KeeperSays) => port.postMessage(said)

/** Thrown where nothing catches it: the main thread hears it as the end of this one. */
const end = (error: unknown) => {
  setImmediate(() => {
    throw error
  })
}
const keeper = new Keeper(workerData as KeeperData, (stands) => say({ kind: 'stands', stands }), end)

async function answer({ n, name, values }: KeeperCall): Promise<void> {
  try {
    const call = keeper.calls[name] as (...values: unknown[]) => unknown
    say({ kind: 'answer', n, value: await call(...values) })
  } catch (error) {
    const { code, message } = error as { code?: string; message: string }
    say({ kind: 'fault', n, code, message })
    // What a disk did not take, our counts may have: they are made anew.
    if (code?.startsWith('SQLITE_')) end(error)
  }
}

port.on('message', (message: KeeperCall | 'close') => {
  if (message !== 'close') {
    void answer(message)
    return
  }
  keeper.close()
  port.close()
  process.exit(0)
})
say({ kind: 'open' })
keeper.begin()
