/**
 * Kills over and over: `node dist/test/scenarios/kill-loop.js [ROUNDS] [SEED] [VICTIM…]`, by default 200 rounds of each
 * victim. Prints one line a victim; ends with 1 at the first round that goes wrong, naming its seed.
 */

import { randomInt } from 'node:crypto'
import { KillStage, type RoundResult, randomFrom, type Victim, victims } from './kill-rounds.js'

const [rounds = '200', seed = String(randomInt(2 ** 31)), ...named] = process.argv.slice(2)
const chosen = named.length > 0 ? (named as Victim[]) : victims

console.log(`seed ${seed}, ${rounds} rounds of each: ${chosen.join(', ')}`)
const stage = await new KillStage().open()
try {
  for (const victim of chosen) {
    const results: RoundResult[] = []
    for (let round = 0; round < Number(rounds); round++) {
      const own = Number(seed) + round
      results.push(
        await stage.round(victim, randomFrom(own)).catch((error: Error) => {
          throw new Error(`${victim}, seed ${own}: ${error.message}`, { cause: error })
        }),
      )
    }
    const most = (of: (result: RoundResult) => number) => Math.max(...results.map(of))
    console.log(
      `${victim}: ${results.length} kills, every file whole; at most ${most((one) => one.againBytes)} bytes again, ` +
        `${(most((one) => one.backMs) / 1_000).toFixed(1)} s from its return to the end`,
    )
  }
} catch (error) {
  console.error(error)
  process.exitCode = 1
} finally {
  await stage.close()
}
