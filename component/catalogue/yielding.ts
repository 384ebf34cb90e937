/**
 * Lets those who ask go before those who write, where there are fewer cores than threads that have something to do: a question takes
 * milliseconds and somebody waits for it; publishing goes on all the time.
 */

import { setPriority } from 'node:os'

/** How much the writer, who looks ahead for it, and the thread that moves its log stand back; as `nice` counts. */
export const asWriter = 7
export const asLookout = 11
export const asCheckpoint = 11

/** The calling thread stands back from now on. Only Linux has a priority for each thread: elsewhere it would be the whole process. */
export function standBack(by: number): void {
  if (process.platform !== 'linux') return
  try {
    setPriority(0, by)
  } catch {
    // Not allowed, or it stands back further already: then it is as it was.
  }
}
