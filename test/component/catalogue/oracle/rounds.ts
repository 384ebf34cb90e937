/**
 * Rounds of changes and questions. What fails says the seed, what was asked, and what had happened before.
 *
 * What holds: nothing here depends on time; the same seed asks the same questions.
 */

import type { Random } from '../../../bytes/random.js'
import { rootOf } from '../stage.js'
import { Changing } from './changing.js'
import { compareSearch, type Seen } from './comparing.js'
import { Drawing, peers } from './drawing.js'
import { compareLooks } from './looking.js'
import { turnPages } from './turning-pages.js'

export interface Round {
  /** Changes; after each, so many searches. */
  steps: number
  searches: number
  kills: number
}

const strangers = ['serpent@nowhere.example', 'nobody@goethe.example']

class Run {
  readonly seen: Seen = { whole: 0, parts: 0, hits: 0, slow: 0 }
  readonly happened: string[] = []
  readonly changing: Changing
  readonly drawing: Drawing

  constructor(drawing: Drawing) {
    this.drawing = drawing
    this.changing = new Changing(drawing)
  }

  /** Runs it; an error says what had happened. */
  async do(work: () => Promise<void>): Promise<Seen> {
    try {
      await this.changing.open()
      await work()
      return this.seen
    } catch (error) {
      const before = this.happened.slice(-12).join('\n  ')
      throw new Error(`seed ${this.drawing.random.seed}, after\n  ${before}\n${(error as Error).message}`, {
        cause: error,
      })
    } finally {
      await this.changing.end()
    }
  }

  async search(mayBePart: boolean, query = this.drawing.query()): Promise<void> {
    const asker = this.drawing.one([...peers, ...strangers])
    this.happened.push(`${asker} asks ${JSON.stringify(query)}`)
    await compareSearch(this.changing.catalogue, this.changing.oracle, asker, query, mayBePart, this.seen)
  }
}

/** A few hundred entries of a few peers, with everything that can happen to them. */
export async function fewEntries(random: Random, { steps, searches, kills }: Round): Promise<Seen> {
  const drawing = new Drawing(random, 150, 2)
  const run = new Run(drawing)
  const { changing, happened } = run
  return run.do(async () => {
    for (let n = 0; n < 8; n++) {
      const shared = await changing.share()
      await changing.list(
        shared,
        drawing.list(60, () => drawing.entry()),
      )
      if (drawing.once(2)) await changing.attend(shared, true)
    }
    const killAfter = Math.ceil(steps / (kills + 1))
    for (let n = 1; n <= steps; n++) {
      happened.push(await changing.step())
      for (let asked = 0; asked < searches; asked++) await run.search(false)
      const asker = drawing.one(peers)
      if (n % 3 === 0) {
        happened.push(`${asker} looks around`)
        await compareLooks(changing.catalogue, changing.oracle, drawing, asker)
      }
      if (n % 10 === 0) happened.push(...(await turnPages(changing, drawing, asker)))
      if (kills > 0 && n % killAfter === 0) happened.push(await changing.kill(await changing.share()))
    }
  })
}

/** Names that many have, starts of many words, and more paths with the same words than are looked at. */
export async function manyAlike(random: Random, entries: number, searches: number): Promise<Seen> {
  const starts = Array.from({ length: 120 }, (_, n) => `gre${n.toString(36)}x`)
  const common = ['song', 'Love', 'night']
  const drawing = new Drawing(random, 3_000, 8, [...common, ...common, ...common, ...starts])
  const run = new Run(drawing)
  const { changing, happened } = run
  return run.do(async () => {
    const alike = drawing.list(12, () => drawing.path())
    // So many shares that a name which all have is in more than are looked at of one.
    const shareNames = ['a', 'b', 'c', 'd', 'e', 'f']
    const owners = peers.flatMap((peer) => ['laptop', 'phone'].map((device) => ({ peer, device })))
    for (const { peer, device } of owners) {
      for (const share of shareNames) {
        const shared = await changing.share(peer, device, share)
        const own = drawing.list(Math.ceil(entries / 108), () => drawing.entry())
        const mine = alike.map((path, at) => {
          const entry = drawing.entry(path)
          return at % 2 === 0 ? { ...entry, root: rootOf(`content ${at}`), size: (at % 20) * 100 } : entry
        })
        happened.push(await changing.list(shared, [...mine, ...own]))
        if (drawing.once(3)) await changing.attend(shared, true)
      }
    }
    for (let n = 1; n <= searches; n++) {
      await run.search(
        true,
        drawing.once(3)
          ? { words: drawing.one(['song', 'gre*', 'love *re*', 'night lo*', 'song love night']) }
          : undefined,
      )
      if (n % 10 === 0) happened.push(await changing.step())
    }
  })
}
