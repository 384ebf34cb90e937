/** A plugin in a process of its own, which hears whatever it is sent, asks the catalogue when it is told to, and says how much memory it takes. */

import { setTimeout as delay } from 'node:timers/promises'
import { createClientEntity, fileTransfer } from '../../client-plugin/index.js'

export interface Order {
  jid: string
  password: string
  service: string
  component: string
  state: string
}

/** What is asked of it, by message; each is answered by a {@link Look}. */
export type Wish = 'look' | 'search' | 'sources' | 'browse'

/** Bytes. `most` is the largest of the resident set since the look before. */
export interface Look {
  heap: number
  resident: number
  most: number
  asked: number
}

const { service, jid, password, component, state } = JSON.parse(process.argv[2]!) as Order
const entity = createClientEntity({ jid, password, service })
entity.on('error', () => undefined)
await entity.start()
const files = fileTransfer(entity, { component, state, allowLoopback: true, answerDeadlineMs: 2_000 })
files.on('offer', () => undefined)
files.on('request', () => undefined)
process.on('disconnect', () => process.exit())
await files.ready

const mostAsked = 400

let most = 0
const sample = () => {
  most = Math.max(most, process.memoryUsage.rss())
}
setInterval(sample, 20)

async function look(asked: number): Promise<Look> {
  sample()
  for (let times = 0; times < 3; times++) {
    await delay(20)
    globalThis.gc!()
  }
  const { heapUsed, external, rss: resident } = process.memoryUsage()
  const seen = { heap: heapUsed + external, resident, most, asked }
  most = 0
  return seen
}

/** Asks for page after page, as long as there is one, and so often at most. */
async function ask(wish: Exclude<Wish, 'look'>): Promise<number> {
  const { catalogue } = files
  // One for all of it, as that of a window is.
  const { signal } = new AbortController()
  const root = '0'.repeat(64)
  if (wish === 'sources') {
    const into = state
    const soon = AbortSignal.timeout(2_000)
    const got = await files.get({ root, filename: 'a' }, { into, signal: soon }).catch(() => undefined)
    await got?.finished.catch(() => undefined)
    return 1
  }
  let asked = 0
  for (let after: string | undefined; asked < mostAsked; ) {
    const page = { max: 100, signal, ...(after !== undefined && { after }) }
    const asking =
      wish === 'search'
        ? catalogue.search({ words: 'x' }, page)
        : catalogue.browse('a@b.example', 'a-share-1', '', page)
    const answer = await asking.catch(() => undefined)
    after = answer?.next
    asked++
  }
  return asked
}

process.on('message', async (wish: Wish) => {
  const asked = wish === 'look' ? 0 : await ask(wish)
  process.send!(await look(asked))
})
process.send!(await look(0))
