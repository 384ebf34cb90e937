/**
 * Hours of ordinary life: people publish, search, browse, come and go in crowds, and now and then Prosody or the
 * component is restarted. Does the component grow (case 51)?
 *
 *   npm run test:soak -- --minutes 120 --people 40 --each 20
 *
 * Prints a line a minute, and every few minutes what each thread holds after it collected its garbage: what is resident goes up and down
 * with garbage and with how much is asked, a leak stays. At the end how all of it grew over the last three quarters and the last half, in
 * which the component ran as one process. What is in the catalogue stays bounded, so whatever grows then is a leak.
 */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { startProsody } from '../../scripts/private-prosody.js'
import { createClientEntity } from '../../wire/index.js'
import { createRandom } from '../bytes/random.js'
import { ChildComponent } from '../component/child-component.js'
import { everybody, file, Person, words } from '../component/desk/asking.js'
import { Device, newDevice } from '../component/stage.js'
import { seed } from '../seed.js'
import { look, lookInside, perHour, type Settled, type Weather } from './weather.js'

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '120' },
    people: { type: 'string', default: '40' },
    /** Questions a second, all together. */
    each: { type: 'string', default: '20' },
    /** Restarts of the component, in the first quarter. */
    restarts: { type: 'string', default: '2' },
    /** Minutes between two looks at what is left after garbage was collected. */
    settle: { type: 'string', default: '5' },
  },
})
const minutes = Number(values.minutes)
const perSecond = Number(values.each)
const random = createRandom(seed)
const filesOfOne = 400
const vocabulary = Array.from({ length: 3_000 }, (_, at) => `wort${(at * 7_919).toString(36)}`)
const word = () => vocabulary[Math.floor(vocabulary.length * (random.below(1_000) / 1_000) ** 3)]!

console.log(`seed ${seed}`)
const prosody = await startProsody()
const state = mkdtempSync(join(tmpdir(), 'jabberfs-soak-'))
const component = new ChildComponent(prosody, state, {
  NODE_OPTIONS: `--import ${new URL('./inside.js', import.meta.url)}`,
})
await component.start()

interface Sharer {
  person: Person
  share: string
  seq: number
  files: string[]
}

const sharers: Sharer[] = []
for (let n = 0; n < Number(values.people); n++) {
  prosody.addUser(`peer${n}`, 'secret')
  const entity = createClientEntity({
    jid: `peer${n}@localhost`,
    password: 'secret',
    service: prosody.service,
    allowPlain: true,
  })
  entity.on('error', () => {})
  await entity.start()
  const device = new Device(entity, prosody.componentDomain, newDevice())
  entity.on('online', () => void device.sayLogIn().catch(() => {}))
  const person = new Person(device)
  await device.logIn()
  sharers.push({ person, share: `share-of-peer${n}`, seq: 0, files: [] })
}

const count = { asked: 0, refused: 0 }

/** Asks; what is refused or lost in a restart counts, and whoever was refused logs in again, as a plugin does. */
async function attempt({ person }: Sharer, step: () => Promise<unknown>): Promise<void> {
  count.asked++
  try {
    await step()
  } catch {
    count.refused++
    await person.device.sayLogIn().catch(() => {})
  }
}

async function publish(one: Sharer): Promise<void> {
  const added = Array.from(
    { length: 1 + random.below(20) },
    () => `${word()}/${word()} ${word()} ${random.below(1e6)}.jpg`,
  )
  const adds = [...new Set(added)].map((path) => file(path, { type: 'image/jpeg' }))
  const removes = one.files.slice(0, Math.max(0, one.files.length + adds.length - filesOfOne))
  const value = { share: one.share, base: one.seq, seq: one.seq + 1, removes, adds }
  await attempt(one, async () => {
    const { seq } = await one.person.ask('publish', value)
    if (seq === value.seq) one.files = [...one.files.slice(removes.length), ...adds.map(({ path }) => path)]
    one.seq = seq
  })
}

const newcomers = (one: Sharer) =>
  attempt(one, async () => {
    await one.person.ask('register', {})
    await one.person.ask('share', { id: one.share, name: one.share, tags: ['soak'], visibility: everybody })
    one.seq = 0
    one.files = []
    await one.person.ask('watch', { id: 'w', ...words(word()) })
  })

async function step(): Promise<void> {
  const one = sharers[random.below(sharers.length)]!
  if (one.seq === 0 && one.files.length === 0) await newcomers(one)
  const what = random.below(100)
  const { jid } = sharers[random.below(sharers.length)]!.person
  if (what < 40) await publish(one)
  else if (what < 75)
    await attempt(one, () => one.person.find(what < 60 ? word() : `${word().slice(0, 5)}* ${word()}`))
  else if (what < 85) await attempt(one, () => one.person.ask('browse', { peer: jid, deep: false }))
  else if (what < 92) await attempt(one, () => one.person.ask('peers', { which: 'online' }))
  else await attempt(one, () => one.person.ask('tags', {}))
  one.person.matches.all.length = 0
}

/** Half of all go, and come again. */
async function storm(): Promise<void> {
  const half = sharers.filter((_, at) => at % 2 === random.below(2))
  await Promise.allSettled(half.map(({ person }) => person.device.logOut()))
  await pause(500)
  await Promise.allSettled(half.map(({ person }) => person.device.sayLogIn()))
}

const began = performance.now()
const passed = () => (performance.now() - began) / 60_000
const seen: Weather[] = []
const settled: Settled[] = []
const settleEvery = Number(values.settle)
const mebibytes = (bytes: number) => (bytes / 2 ** 20).toFixed(1)
let lookedAt = -1
const restarts = Number(values.restarts)
let restartsLeft = restarts

/** What is left after garbage was collected, and who has it. */
async function settle(): Promise<void> {
  const inside = await lookInside(component.child!, passed(), { gc: true })
  if (inside === undefined) return
  settled.push(inside.settled)
  const { ownMiB, heapUsedMiB, heapTotalMiB, youngMiB, externalMiB, nativeMiB } = inside.settled
  console.log(
    `  collected: ${ownMiB.toFixed(1)} MiB its own, heaps ${heapUsedMiB.toFixed(1)} of ${heapTotalMiB.toFixed(1)} (${youngMiB.toFixed(1)} young), ` +
      `external ${externalMiB.toFixed(1)}, native ${nativeMiB.toFixed(1)}; by thread: ` +
      inside.threads
        .map(
          ({ thread, heapUsed, heapTotal, young, external }) =>
            `${thread}: ${mebibytes(heapUsed)} of ${mebibytes(heapTotal)} (${mebibytes(young)} young) + ${mebibytes(external)}`,
        )
        .join(', '),
  )
}

while (passed() < minutes) {
  const inASecond = performance.now() + 1_000
  await Promise.all(Array.from({ length: perSecond }, () => pause(random.below(900)).then(step)))
  const minute = Math.floor(passed())
  if (minute > lookedAt) {
    lookedAt = minute
    seen.push(look(component.pid!, state, passed()))
    const { residentMiB, ownMiB, mappedMiB, openFiles, walMiB, databaseMiB } = seen.at(-1)!
    console.log(
      `${minute} min: ${residentMiB.toFixed(0)} MiB (${ownMiB.toFixed(0)} its own, ${mappedMiB.toFixed(0)} of files), ` +
        `${openFiles} files, log ${walMiB.toFixed(1)} MiB, ` +
        `databases ${databaseMiB.toFixed(1)} MiB, ${count.asked} asked, ${count.refused} refused or lost`,
    )
    if (settleEvery > 0 && minute % settleEvery === settleEvery - 1) await settle()
    await storm()
    if (minute % 10 === 9) await prosody.restart()
    // Its restarts are all in the first quarter: afterwards it is one process that is looked at.
    if (
      minutes / 4 > minute &&
      minute >= ((restarts + 1 - restartsLeft) * minutes) / (8 * restarts) &&
      restartsLeft-- > 0
    ) {
      await component.end(restartsLeft === 0 ? 'SIGTERM' : 'SIGKILL')
      await component.start()
    }
    component.log = component.log.slice(-100_000)
  }
  await pause(Math.max(0, inASecond - performance.now()))
}

for (const [name, from] of [
  ['the last three quarters', minutes / 4],
  ['the last half', minutes / 2],
] as const) {
  const since = seen.filter((one) => one.minutes > from)
  for (const of of ['residentMiB', 'ownMiB', 'mappedMiB', 'openFiles', 'databaseMiB'] as const) {
    console.log(`${of}: ${perHour(since, (one) => one[of]).toFixed(2)} an hour over ${name}`)
  }
  const left = settled.filter((one) => one.minutes > from)
  for (const of of ['ownMiB', 'heapUsedMiB', 'youngMiB', 'externalMiB', 'nativeMiB'] as const) {
    console.log(`${of} after collecting: ${perHour(left, (one) => one[of]).toFixed(2)} an hour over ${name}`)
  }
}
console.log(`largest log: ${Math.max(...seen.map(({ walMiB }) => walMiB)).toFixed(1)} MiB`)
console.log(`${count.asked} asked, ${count.refused} refused or lost in restarts`)
console.log(`the component ended with ${await component.end('SIGTERM')}`)
await prosody.stop()
rmSync(state, { recursive: true, force: true })
process.exit(0)
