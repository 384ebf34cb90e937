/** Waiting in stories that may be stuck: whoever waited too long says what the commands said last. */

import { setTimeout as wait } from 'node:timers/promises'
import type { ChildCommand } from '../../scripts/child-command.js'

/** Two minutes are never needed; a story that takes longer is stuck. */
const patienceMs = 120_000
/** Back within so long after a kill (P19). */
export const backWithinMs = 10_000

/** Looks until it holds. @throws when it takes too long, with what the children said last */
export async function until(
  holds: () => boolean,
  otherwise: string,
  ...children: ChildCommand[]
): Promise<void> {
  const deadline = Date.now() + patienceMs
  while (!holds()) {
    if (Date.now() > deadline) throw stuck(otherwise, children)
    await wait(2)
  }
}

/** @throws when it takes too long */
export async function withinPatience<T>(promise: Promise<T>, ...children: ChildCommand[]): Promise<T> {
  const late = new AbortController()
  try {
    return await Promise.race([
      promise,
      wait(patienceMs, undefined, { signal: late.signal }).then(() => {
        throw stuck('it does not end', children)
      }),
    ])
  } finally {
    late.abort()
  }
}

function stuck(what: string, children: ChildCommand[]): Error {
  const tails = children.map((child) => child.output().split('\n').slice(-12).join('\n'))
  return new Error(`${what}:\n${tails.join('\n---\n')}`)
}

/** A command that is to end with 0. @throws where it does not */
export async function succeeds(child: ChildCommand): Promise<void> {
  const { code } = await withinPatience(child.ended, child)
  if (code !== 0) throw new Error(`it ended with ${code}: ${child.output()}`)
}

/** Asks an account's `transfers` until nothing is unfinished. */
export async function settled(transfers: () => ChildCommand): Promise<void> {
  const deadline = Date.now() + patienceMs
  for (;;) {
    const listing = transfers()
    await succeeds(listing)
    if (listing.reports.some(({ report }) => report === 'nothing')) return
    if (Date.now() > deadline) throw stuck('something stays unfinished', [listing])
    await wait(200)
  }
}
