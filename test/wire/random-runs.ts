/** Runs a property with a seed that is printed, so that a failure can be run again (SEED=… in the environment). */
import { randomInt } from 'node:crypto'
import fc from 'fast-check'

const seed = Number(process.env.SEED ?? randomInt(2 ** 31))

export function randomRuns(property: Parameters<typeof fc.assert>[0], numRuns = 300): void {
  console.log(`        seed ${seed}`)
  fc.assert(property, { seed, numRuns })
}
