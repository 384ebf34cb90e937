/** A short run of the kill loop (kill-loop.ts has the long one). */

import { randomInt } from 'node:crypto'
import { KillStage, randomFrom, victims } from './kill-rounds.js'

describe('a file under way, when somebody is killed with kill -9', function () {
  this.timeout(60_000)
  const stage = new KillStage()
  const seed = Number(process.env.JABBERFS_TEST_SEED ?? randomInt(2 ** 31))

  before(() => stage.open())
  after(() => stage.close())

  for (const victim of victims) {
    it(`arrives whole, once, with one end, and little is sent again: the ${victim} (case 81, case 36, P1–P6, P19), seed ${seed}`, () =>
      stage.round(victim, randomFrom(seed)))
  }
})
