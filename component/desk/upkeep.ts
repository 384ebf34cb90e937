/** Registrations that no login has refreshed for their time to live are taken back, a few at a time. */

import type { Catalogue } from '../catalogue/catalogue.js'

/** Between two rounds, and between two steps of one, in ms. */
const roundEvery = 10 * 60_000
const stepEvery = 1_000

/** @returns a function that ends it */
export function keepUp(catalogue: Pick<Catalogue, 'expire'>): () => void {
  let timer: NodeJS.Timeout | undefined
  let isOver = false
  const step = async () => {
    // A disk that fails is well again by the next round.
    const answer: unknown = await catalogue.expire().catch(() => false)
    if (!isOver) timer = setTimeout(step, answer === true ? stepEvery : roundEvery).unref()
  }
  timer = setTimeout(step, stepEvery).unref()
  return () => {
    isOver = true
    clearTimeout(timer)
  }
}
