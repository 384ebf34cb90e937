/**
 * The long run: kills sender, receiver, component and Prosody, `--each` times each, with -9, in the middle of files.
 * `npm run test:kill -- --each 200 --seed 1 --blocks 96`. Prints a line a file, the sums, and the seed; stops at the first fault.
 */

import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'
import { drawFrom } from './draw.js'
import { type Kill, tell, type Victim, victims } from './story.js'
import { openTown } from './town.js'

const { values } = parseArgs({
  options: {
    each: { type: 'string', default: '200' },
    seed: { type: 'string', default: String(randomInt(2 ** 31)) },
    blocks: { type: 'string', default: '96' },
    only: { type: 'string' },
  },
})
const each = Number(values.each)
const blocks = Number(values.blocks)
const chosen = values.only === undefined ? victims : victims.filter((victim) => values.only?.includes(victim))
const draw = drawFrom(Number(values.seed))
console.log(`seed ${values.seed}`)

const town = await openTown()
const kills: Kill[] = []
let bytesAgain = 0
let worstAgain = 0
let files = 0
try {
  const left = new Map<Victim, number>(chosen.map((victim) => [victim, each]))
  for (let file = 1; [...left.values()].some((count) => count > 0); file++) {
    const plan: Victim[] = []
    while (plan.length < 1 + draw(4)) {
      const open = [...left].filter(([, count]) => count > 0).map(([victim]) => victim)
      if (open.length === 0) break
      plan.push(open[draw(open.length)]!)
    }
    if (plan.length === 0) break
    files = file
    const told = await tell(town, draw, blocks, plan)
    kills.push(...told.kills)
    for (const { victim } of told.kills) left.set(victim, left.get(victim)! - 1)
    bytesAgain += told.bytesAgain
    worstAgain = Math.max(worstAgain, told.bytesAgain / plan.length)
    const words = told.kills.map(({ victim, held, backMs }) => `${victim} at ${held}, back in ${backMs} ms`)
    console.log(`file ${file}: ${words.join('; ')}; ${(told.bytesAgain / 2 ** 20).toFixed(1)} MiB again`)
  }
  const record = await town.componentsRecord()
  if (record.complete !== files || Object.keys(record).length !== 1) {
    throw new Error(`${files} files, but the component says ${JSON.stringify(record)}`)
  }
} catch (error) {
  console.error(town.component.output().split('\n').slice(-10).join('\n'))
  throw error
} finally {
  await town.stop()
}
for (const victim of chosen) {
  const back = kills.filter((kill) => kill.victim === victim).map(({ backMs }) => backMs)
  back.sort((one, other) => one - other)
  console.log(
    `${victim}: ${back.length} kills, back in ${back[back.length >> 1]} ms (median), ${back.at(-1)} ms (worst)`,
  )
}
const mean = bytesAgain / Math.max(1, kills.length) / 2 ** 20
console.log(
  `sent again for each kill: ${mean.toFixed(2)} MiB (mean), ${(worstAgain / 2 ** 20).toFixed(2)} MiB (worst file)`,
)
console.log(`${kills.length} passed, 0 failed`)
