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

/** What was killed, and how far the list was. */
export type ListHit = `${'sharer' | 'component'} ${'before' | 'in the middle' | 'with all of it'}`

const shareName = 'Lieder'

/** Changes all paths of a folder and kills while that is told. @returns what was killed, and when. @throws what did not hold */
export async function tellList(town: Town, draw: Draw, files: number, leniency = 1): Promise<ListHit[]> {
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
        sharer.kill('SIGKILL')
        await sharer.ended
        // Where a list did not get through, stanzas bring the changes, one after the other: that shows parts of them.
        if (kill === 0) await published(town, [old, next], files, 15_000 * leniency)
        sharer = serve()
        hits.push(`sharer ${far}`)
      } else {
        await town.killComponent()
        town.startComponent()
        await town.isServed(15_000 * leniency)
        hits.push(`component ${far}`)
      }
    }
    await until(
      () => sharer.reports.some((each) => each.report === 'shared' || each.report === 'serving'),
      'it does not come back',
      sharer,
    )
    // Told by stanzas, or waited for without anybody's asking, it would take longer.
    await published(town, [next], files, 25_000 * leniency)
  } finally {
    await stopped(sharer)
  }
  const left = readdirSync(town.states.mephisto).filter((name) => name.startsWith('list-'))
  if (left.length > 0) throw new Error(`left behind: ${left.join(', ')}`)
  return hits
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

/** Waits until the catalogue shows one folder of these with all its files, and nothing else. @throws where that takes too long */
async function published(town: Town, names: string[], files: number, ms: number): Promise<void> {
  const deadline = Date.now() + ms
  for (;;) {
    const browsing = town.asFaust('browse', town.mephisto, shareName)
    const { code } = await browsing.ended
    const folders = browsing.reports.flatMap((each) =>
      each.report === 'folder' ? [`${each.path.split('/').at(-1)}: ${each.files}`] : [],
    )
    const right = names.map((name) => `${name}: ${files}`)
    if (folders.length === 1 && right.includes(folders[0]!)) return
    if (Date.now() > deadline) throw new Error(`not published (${code}): ${browsing.output()}`)
    await wait(200)
  }
}

async function stopped(child: ChildCommand): Promise<void> {
  child.kill('SIGTERM')
  const { code } = await child.ended
  if (code !== 0 && code !== 130) throw new Error(`it was stopped, and ended with ${code}: ${child.output()}`)
}
