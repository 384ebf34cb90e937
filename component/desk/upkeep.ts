/**
 * Registrations that no login has refreshed for their time to live are taken back, a few at a time. Who stays logged in is written
 * down again now and then: being there is as good as a login.
 */

import type { Catalogue } from '../catalogue/catalogue.js'
import type { Presence } from './presence.js'

/** Between two rounds, and between two steps of one, in ms. */
const roundEvery = 10 * 60_000
const stepEvery = 1_000
/** How often those who are here are written down again, in ms. */
const tellEvery = 24 * 3_600_000

export interface UpkeepTimes {
  tellEvery?: number
}

/** @returns a function that ends it */
export function keepUp(
  catalogue: Pick<Catalogue, 'expire'>,
  presence: Pick<Presence, 'tellAgain'>,
  times: UpkeepTimes = {},
): () => void {
  let timer: NodeJS.Timeout | undefined
  let isOver = false
  const step = async () => {
    // A disk that fails is well again by the next round.
    const answer: unknown = await catalogue.expire().catch(() => false)
    if (!isOver) timer = setTimeout(step, answer === true ? stepEvery : roundEvery).unref()
  }
  timer = setTimeout(step, stepEvery).unref()
  const telling = setInterval(() => presence.tellAgain(), times.tellEvery ?? tellEvery).unref()
  return () => {
    isOver = true
    clearTimeout(timer)
    clearInterval(telling)
  }
}
