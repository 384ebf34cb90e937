/**
 * The monkey: people change what is in their shared folders, have bad luck, and are looked at by each other. After each round, once all
 * has had time to settle, what everybody is shown must be what the folders hold and he may see, letter by letter; who saved a search was
 * told of each new file once; and a file got at random is the one that is there (cases 52 to 57, 100 and 115, P7, P11).
 *
 *   npm run test:monkey -- --minutes 5 --seed 1 --luck 30
 *
 * Prints a line a round, and the seed; stops at the first fault, and says where everything is kept.
 */

import { spawnSync } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { appendFileSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { drawFrom } from '../kills/draw.js'
import { type Misfortune, strike } from './bad-luck.js'
import { rare } from './names.js'
import { type Ground, inner, Pranks } from './pranks.js'
import { held } from './truth.js'
import { differences, type Held, isFor, whatIsHeld } from './views.js'
import { type Person, Village } from './village.js'

// Whoever may read everything is told nothing by a mode of 0.
if (process.getuid?.() === 0 && process.env.JABBERFS_MONKEY !== 'bound') {
  const args = [
    '--bounding-set',
    '-dac_override,-dac_read_search',
    process.execPath,
    fileURLToPath(import.meta.url),
  ]
  const env = { ...process.env, JABBERFS_MONKEY: 'bound' }
  const { status } = spawnSync('setpriv', [...args, ...process.argv.slice(2)], { stdio: 'inherit', env })
  process.exit(status ?? 1)
}

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '5' },
    seed: { type: 'string', default: String(randomInt(2 ** 31)) },
    /** Of a hundred rounds, so many with bad luck. */
    luck: { type: 'string', default: '40' },
    rounds: { type: 'string', default: '1000000' },
    /** How long it may take to settle, seconds. */
    patience: { type: 'string', default: '30' },
  },
})
const draw = drawFrom(Number(values.seed))
console.log(`seed ${values.seed}`)

const village = await new Village().open(['faust', 'gretchen', 'mephisto'])
const [faust, gretchen, mephisto] = village.people as [Person, Person, Person]
const sharers = [faust, gretchen]
const pranks = new Pranks(draw)
const log = join(village.dir, 'log.txt')
const note = (words: string) => appendFileSync(log, `${new Date().toISOString()} ${words}\n`)
const audiences = [
  'everybody',
  'nobody',
  'mephisto@localhost',
  'localhost',
  'faust@localhost',
  'everybody',
  'everybody',
]

const grounds: { owner: Person; ground: Ground; audience: string | undefined }[] = sharers.flatMap((owner) =>
  ['Bilder', 'Lieder', `Bilder/${inner}`].map((name) => {
    const folder = join(owner.home, name)
    mkdirSync(folder, { recursive: true })
    return { owner, ground: { folder, outside: `${owner.home}/beside` }, audience: undefined }
  }),
)

/** What mephisto was told of his saved search: root → how often. */
const told = new Map<string, number>()
mephisto.eyes.catalogue.on('matched', ({ hits, more }) => {
  if (more > 0) note(`${more} more matches`)
  for (const { root } of hits) told.set(root, (told.get(root) ?? 0) + 1)
})
/** Files of the saved search that he could have seen before; roots of them count no more. */
const old = new Set<string>()

async function order(owner: Person, ...args: string[]): Promise<void> {
  const child = owner.run(...args)
  const taken = child.until(({ report }) =>
    ['sharing', 'shared', 'unshared', 'looked-after'].includes(report),
  )
  const isDone = await Promise.race([
    taken.then(() => true),
    child.ended.then(() => false),
    wait(10_000, false),
  ])
  note(`${owner.name}: ${args.join(' ')}: ${isDone}`)
  if (!isDone) note(child.output())
  child.kill('SIGKILL')
  await Promise.all([child.ended, taken.catch(() => undefined)])
}

/** What was there before the audience was another is not new to anybody. */
function forgetRare({ ground }: (typeof grounds)[number]): void {
  for (const { root } of (held(ground.folder) ?? new Map()).values()) old.add(root)
}

async function share(place: (typeof grounds)[number], audience: string): Promise<void> {
  mkdirSync(place.ground.folder, { recursive: true })
  place.audience = audience
  forgetRare(place)
  await order(place.owner, 'share', place.ground.folder, '--for', audience)
}

/** One round of changes. @returns bad luck that he had */
async function play(): Promise<string[]> {
  const had: string[] = []
  let misfortune: Misfortune | undefined
  let left = 0
  const isUnlucky = draw(100) < Number(values.luck)
  const steps = 4 + draw(30)
  for (let step = 0; step < steps; step++) {
    const place = grounds[draw(grounds.length)]!
    if (isUnlucky && misfortune === undefined && draw(6) === 0) {
      misfortune = await strike(village, sharers, draw)
      note(misfortune.what)
      had.push(misfortune.what)
      if (misfortune.losesCatalogue) catalogueLost = true
      left = 1 + draw(12)
    }
    if (misfortune !== undefined && left-- === 0) {
      await misfortune.end()
      note(`over: ${misfortune.what}`)
      misfortune = undefined
    }
    const what = draw(60)
    if (what === 0 && misfortune === undefined) await share(place, audiences[draw(audiences.length)]!)
    else if (what === 1 && misfortune === undefined && place.audience !== undefined && draw(3) === 0) {
      place.audience = undefined
      forgetRare(place)
      await order(place.owner, 'unshare', place.ground.folder)
    } else if (what < 5 && rarities < 4) {
      rarities++
      note(`rarum ${pranks.rarity(place.ground)}`)
    } else note(pranks.do(place.ground))
    if (draw(3) === 0) await wait(draw(400))
  }
  if (misfortune !== undefined) {
    await wait(draw(3_000))
    await misfortune.end()
    note(`over: ${misfortune.what}`)
  }
  return had
}
let rarities = 0
let catalogueLost = false

/** @returns how long it took until everybody was shown what is there, ms. @throws where that took too long */
async function settled(patienceMs: number): Promise<{ ms: number; held: Held[] }> {
  const since = Date.now()
  await wait(500)
  let held: Held[] | undefined
  for (let wrong: string[] = []; ; await wait(250)) {
    try {
      held ??= await whatIsHeld(sharers)
      wrong = (await Promise.all(village.people.map((person) => differences(person, held!)))).flat()
      if (wrong.length === 0) return { ms: Date.now() - since, held }
    } catch (error) {
      wrong = [...wrong.filter((line) => !line.startsWith('!')), `!${error}`]
    }
    if (Date.now() - since > patienceMs) {
      const lines = wrong
        .slice(0, 8)
        .map((line) => line.slice(0, 300))
        .join('\n')
      note(`not settled:\n${wrong.join('\n')}`)
      throw new Error(`${wrong.length} differences after ${patienceMs} ms:\n${lines}`)
    }
  }
}

/** Whether the saved search told what it should have. */
async function matchedRight(held: readonly Held[]): Promise<void> {
  const seen = new Set<string>()
  for (const each of held) {
    if (!isFor(mephisto, each)) continue
    for (const [path, { root }] of each.entries ?? [])
      if (path.split('/').at(-1)!.startsWith(rare)) seen.add(root)
  }
  const missing = () => [...seen].filter((root) => !old.has(root) && !told.has(root))
  for (let tries = 0; missing().length > 0 && tries < 100 && !catalogueLost; tries++) await wait(200)
  if (!catalogueLost && missing().length > 0) throw new Error(`not told of ${missing()}`)
  for (const [root, times] of told) if (times > 1 && !old.has(root)) note(`${root} was told ${times} times`)
  for (const root of seen) old.add(root)
}

async function get(held: readonly Held[]): Promise<string> {
  const all = held.filter((each) => isFor(mephisto, each))
  const files = all.flatMap(({ owner, share, entries }) =>
    [...(entries ?? [])].map(([path, entry]) => ({ owner, share, path, entry })),
  )
  if (files.length === 0) return 'nothing to get'
  const { owner, share, path, entry } = files[draw(files.length)]!
  const into = join(village.dir, 'got')
  mkdirSync(into, { recursive: true })
  note(`get ${path} of ${owner.name}’s ${share.name}`)
  const wanted = { peer: owner.jid, share: share.id, path, root: entry.root, filesize: entry.size }
  const transfer = await mephisto.eyes.get(wanted, { into })
  const late = wait(60_000).then(() =>
    Promise.reject(new Error(`${path} does not come: ${transfer.state} ${transfer.trouble}`)),
  )
  const got = await Promise.race([transfer.finished, late])
  if (!readFileSync(got.path).equals(readFileSync(join(share.folder, path))))
    throw new Error(`${path} differs`)
  rmSync(got.path)
  return `${got.bytes} bytes came`
}

const times: number[] = []
let failure: unknown
try {
  await mephisto.eyes.catalogue.watch('rare', { words: rare })
  for (const place of grounds.slice(0, 5)) await share(place, 'everybody')
  for (let n = 0; n < 150; n++) note(pranks.do(grounds[draw(grounds.length)]!.ground))
  await settled(60_000)
  const end = Date.now() + Number(values.minutes) * 60_000
  for (let round = 1; Date.now() < end && round <= Number(values.rounds); round++) {
    rarities = 0
    catalogueLost = false
    note(`round ${round}`)
    const had = await play()
    pranks.touchLinks()
    note('settling')
    const { ms, held } = await settled((had.length > 0 ? 4 : 1) * 1_000 * Number(values.patience))
    if (had.length === 0) times.push(ms)
    await matchedRight(held)
    if (catalogueLost) await mephisto.eyes.catalogue.watch('rare', { words: rare })
    const files = held.reduce((sum, { entries }) => sum + (entries?.size ?? 0), 0)
    console.log(
      `round ${round}: ${files} files, settled in ${ms} ms; ${await get(held)}${had.map((each) => `; ${each}`).join('')}`,
    )
  }
} catch (error) {
  failure = error
  console.error(error)
}
await village.close(failure !== undefined)
times.sort((one, other) => one - other)
console.log(
  `without bad luck, settled in ${times[times.length >> 1]} ms (median), ${times.at(-1)} ms (worst)`,
)
if (failure !== undefined) console.log(`all is kept in ${village.dir}`)
console.log(failure === undefined ? `${times.length} rounds without, 0 failed` : '1 failed')
process.exit(failure === undefined ? 0 : 1)
