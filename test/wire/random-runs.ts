/** Runs a property with a seed that is printed, so that a failure can be run again (JABBERFS_SEED=… in the environment). */

import fc from 'fast-check'
import { seed } from '../seed.js'

export function randomRuns(property: Parameters<typeof fc.assert>[0], numRuns = 300): void {
  console.log(`        seed ${seed}`)
  fc.assert(property, { seed, numRuns })
}
