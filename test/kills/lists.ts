/**
 * A share's list on its way to the component over a link, and the device that brings it killed, or the component that takes it in:
 * the catalogue has the old entries or the new ones, never some of both, and in the end the new ones (P7; cases 57 and 115).
 */

import { mkdirSync, readdirSync, renameSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { ChildCommand } from '../../scripts/child-command.js'
import { succeeds, until } from './patience.js'
import type { Draw } from './story.js'
import type { Town } from './town.js'

/** The whole catalogue again within so long after the last kill (P19), ms. */
const newestWithinMs = 10_000
/** What takes longer than it may is waited for, so that it can be said how long it takes, ms. */
const atMostMs = 180_000

/** What was killed, and how far the list was. */
export type ListHit = `${'sharer' | 'component'} ${'before' | 'in the middle' | 'with all of it'}`

const shareName = 'Lieder'

/**
 * Changes all paths of a folder and kills while that is told.
 * @returns what was killed and when, and how long after the last kill the new list was there, ms. @throws what did not hold
 */
export async function tellList(
  town: Town,
  draw: Draw,
  files: number,
  leniency = 1,
): Promise<{ hits: ListHit[]; backMs: number }> {
  const folder = join(town.prosody.dir, shareName)
  const isFirst = makeOnce(folder, files)
  const first = town.asMephisto('share', folder, '--once')
  await succeeds(first)
  const old = readdirSync(folder)[0]!
  const next = `volume ${draw(2 ** 31)}`
  if (isFirst) await published(town, [old], files, 15_000 * leniency)
  renameSync(join(folder, old), join(folder, next))

  const hits: ListHit[] = []
  let before: string[] = []
  const serve = () => {
    // What a killed one has left is none of the next one's.
    before = listsIn(town.states.mephisto)
    return town.asMephisto('serve')
  }
  let sharer = serve()
  let since = Date.now()
  let backMs = 0
  try {
    for (let kill = 0; kill < 2; kill++) {
      const isOnItsWay = () => listsIn(town.states.mephisto).some((list) => !before.includes(list))
      let isDone = false
      sharer.onReport(({ report }) => {
        isDone ||= report === 'shared'
      })
      await until(() => isOnItsWay() || isDone, 'no list is made', sharer)
      await wait(draw(60))
      if (isDone) break
      const far = howFar(join(town.states.component, 'lists'))
      if (draw(3) > 0) {
        town.note(`${sharer.process.pid} is killed, the sharer`)
        sharer.kill('SIGKILL')
        since = Date.now()
        await sharer.ended
        // Where a list did not get through, stanzas bring the changes, one after the other: that shows parts of them.
        if (kill === 0) await published(town, [old, next], files, 15_000 * leniency)
        sharer = serve()
        hits.push(`sharer ${far}`)
      } else {
        await town.killComponent()
        since = Date.now()
        town.startComponent()
        await town.isServed(15_000 * leniency)
        hits.push(`component ${far}`)
      }
    }
    backMs = await published(town, [next], files, newestWithinMs * leniency, since)
    // It may be there before the one that was started last has looked for it.
    await until(() => sharer.reports.some(({ report }) => report === 'shared'), 'it is not current', sharer)
  } finally {
    await stopped(sharer)
  }
  const left = readdirSync(town.states.mephisto).filter((name) => name.startsWith('list-'))
  if (left.length > 0) throw new Error(`left behind: ${left.join(', ')}`)
  return { hits, backMs }
}

/** @returns whether it was made now */
function makeOnce(folder: string, files: number): boolean {
  try {
    mkdirSync(folder)
  } catch {
    return false
  }
  const first = join(folder, 'volume 0')
  mkdirSync(first)
  for (let no = 0; no < files; no++) {
    const path = join(first, `song number ${no}.txt`)
    writeFileSync(path, `song ${no}`)
    // As if it had rested.
    utimesSync(path, 1_000_000_000, 1_000_000_000 + no)
  }
  return true
}

/** The packed lists in a state folder, each as the one that it is. */
function listsIn(state: string): string[] {
  return readdirSync(state).flatMap((name) => {
    if (!/^list-.*\.z$/.test(name)) return []
    const stats = statSync(join(state, name), { throwIfNoEntry: false, bigint: true })
    return stats === undefined ? [] : [`${stats.ino} ${stats.mtimeNs}`]
  })
}

function howFar(lists: string): 'before' | 'in the middle' | 'with all of it' {
  const sizes = readdirSync(lists).map((name) => {
    try {
      return statSync(join(lists, name)).size
    } catch {
      return 0
    }
  })
  if (sizes.length === 0) return 'before'
  return sizes.every((size) => size === 0) ? 'before' : 'in the middle'
}

/**
 * Waits until the catalogue shows one folder of these with all its files, and nothing else.
 * @returns how long that was after `since`, ms. @throws where it was more than `ms`
 */
async function published(
  town: Town,
  names: string[],
  files: number,
  ms: number,
  since = Date.now(),
): Promise<number> {
  const right = names.map((name) => `${name}: ${files}`)
  let late: string | undefined
  for (;;) {
    const browsing = town.asFaust('browse', town.mephisto, shareName)
    const { code } = await browsing.ended
    const folders = browsing.reports.flatMap((each) =>
      each.report === 'folder' ? [`${each.path.split('/').at(-1)}: ${each.files}`] : [],
    )
    const isThere = folders.length === 1 && right.includes(folders[0]!)
    const tookMs = Date.now() - since
    if (isThere && late === undefined) return tookMs
    if (tookMs > ms) late ??= `not published (${code}): ${browsing.output()}`
    if (isThere) throw new Error(`${late}\nBut after ${tookMs} ms it was`)
    if (tookMs > atMostMs) throw new Error(`${late}\nAnd not after ${tookMs} ms either`)
    await wait(200)
  }
}

async function stopped(child: ChildCommand): Promise<void> {
  child.kill('SIGTERM')
  const { code } = await child.ended
  if (code !== 0 && code !== 130) throw new Error(`it was stopped, and ended with ${code}: ${child.output()}`)
}
