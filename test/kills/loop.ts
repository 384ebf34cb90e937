/**
 * The long run: kills sender, receiver, component and Prosody, `--each` times each, with -9, in the middle of files.
 * Then as many kills, of whatever has its turn, in each of the other stories: offers to every device, offers to somebody who is
 * not there, lists of shares. `npm run test:kill -- --each 200 --seed 1 --blocks 96 --rounds files,every,queued,lists`. Prints a
 * line a story, the sums, and the seed; stops at the first fault.
 */

import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'
import { drawFrom } from './draw.js'
import { tellEvery } from './every-device.js'
import { tellList } from './lists.js'
import { tellQueued } from './queued.js'
import { type Kill, tell, type Victim, victims } from './story.js'
import { openTown } from './town.js'

const { values } = parseArgs({
  options: {
    each: { type: 'string', default: '200' },
    seed: { type: 'string', default: String(randomInt(2 ** 31)) },
    blocks: { type: 'string', default: '96' },
    only: { type: 'string' },
    rounds: { type: 'string', default: 'files,every,queued,lists' },
  },
})
const each = Number(values.each)
const blocks = Number(values.blocks)
const chosen = values.only === undefined ? victims : victims.filter((victim) => values.only?.includes(victim))
const rounds = values.rounds.split(',')
const draw = drawFrom(Number(values.seed))
console.log(`seed ${values.seed}`)

const town = await openTown(true)
const kills: Kill[] = []
let bytesAgain = 0
let worstAgain = 0
let files = 0
/** Files that arrived in the other stories. */
let others = 0
let otherKills = 0
/** Tells one kind of story until it has killed so often. */
const repeat = async (
  round: string,
  filesIn: number,
  story: () => Promise<{ hits: string[]; backMs?: number }>,
) => {
  if (!rounds.includes(round)) return
  const sums = new Map<string, number>()
  const back: number[] = []
  let killed = 0
  for (let no = 1; killed < each; no++) {
    const { hits, backMs } = await story()
    others += filesIn
    killed += hits.length
    for (const victim of hits) sums.set(victim, (sums.get(victim) ?? 0) + 1)
    if (backMs !== undefined) back.push(backMs)
    const again = backMs === undefined ? '' : `; back in ${backMs} ms`
    console.log(`${round} ${no}: ${hits.join(', ')}${again}`)
  }
  back.sort((one, other) => one - other)
  otherKills += killed
  const words = [...sums].map(([victim, count]) => `${count} ${victim}`)
  const times =
    back.length === 0 ? '' : `; back in ${back[back.length >> 1]} ms (median), ${back.at(-1)} ms (worst)`
  console.log(`${round}: ${killed} kills passed: ${words.join(', ')}${times}`)
}
try {
  const left = new Map<Victim, number>(chosen.map((victim) => [victim, rounds.includes('files') ? each : 0]))
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
  await repeat('every', 2, async () => ({ hits: await tellEvery(town, draw, blocks, 1 + draw(4)) }))
  await repeat('queued', 1, async () => ({ hits: await tellQueued(town, draw, 1 + draw(48)) }))
  await repeat('lists', 0, () => tellList(town, draw, 3_000))
  const record = await town.componentsRecord()
  files += others
  const { complete = 0, ...rest } = record
  if (complete !== files || Object.keys(rest).length > 0) {
    throw new Error(`${files} files, but the component says ${JSON.stringify(record)}`)
  }
} catch (error) {
  console.error(town.component.output().split('\n').slice(-10).join('\n'))
  console.error(`what everybody said is in ${town.keepTold()}`)
  throw error
} finally {
  await town.stop()
}
for (const victim of kills.length > 0 ? chosen : []) {
  const back = kills.filter((kill) => kill.victim === victim).map(({ backMs }) => backMs)
  back.sort((one, other) => one - other)
  console.log(
    `${victim}: ${back.length} kills, back in ${back[back.length >> 1]} ms (median), ${back.at(-1)} ms (worst)`,
  )
}
if (kills.length > 0) {
  const mean = bytesAgain / Math.max(1, kills.length) / 2 ** 20
  console.log(
    `sent again for each kill: ${mean.toFixed(2)} MiB (mean), ${(worstAgain / 2 ** 20).toFixed(2)} MiB (worst file)`,
  )
}
console.log(`${kills.length + otherKills} passed, 0 failed`)
