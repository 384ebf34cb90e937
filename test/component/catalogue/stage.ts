/** The stage of the catalogue's tests: a catalogue in a temporary folder, and short ways to fill and ask it. */

import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type Catalogue,
  type CatalogueOptions,
  openCatalogue,
} from '../../../component/catalogue/catalogue.js'
import type { Answer, Entry, Hit, Query, ShareName } from '../../../component/catalogue/values.js'
import type { VisibleTo } from '../../../protocol/catalogue/visibility.js'

export const rootOf = (text: string) => createHash('sha256').update(text).digest('hex')
export const entry = (path: string, more: Partial<Entry> = {}): Entry => {
  return { path, root: rootOf(path), size: 1_000, modified: 1_600_000_000, ...more }
}
export const everybody: VisibleTo = { kind: 'everybody' }

export class Stage {
  readonly dir = mkdtempSync(join(tmpdir(), 'jabberfs-catalogue-'))
  readonly path = join(this.dir, 'catalogue.sqlite')
  catalogue!: Catalogue

  async open(options: Partial<CatalogueOptions> = {}): Promise<Catalogue> {
    this.catalogue = patient(await openCatalogue({ path: this.path, readers: 1, ...options }))
    return this.catalogue
  }

  async end(): Promise<void> {
    await this.catalogue.close()
    rmSync(this.dir, { recursive: true, force: true })
  }

  /** A share of a peer's device with these entries, in one change. */
  async share(
    peer: string,
    entries: Entry[],
    {
      visibleTo = everybody as VisibleTo,
      tags = [] as string[],
      device = 'laptop',
      share = 'stuff',
      online = false,
    } = {},
  ): Promise<ShareName> {
    const name = { peer, device, share }
    const { registration } = this.catalogue
    const known = await registration(name)
    ok(await this.catalogue.register(name, known.kind === 'ok' ? known.id : undefined))
    const { held } = ok(await this.catalogue.openShare(name, { name: share, visibleTo, tags }))
    for (let at = 0, seq = held; at < entries.length; at += 100, seq++) {
      const change = { base: seq, seq: seq + 1, adds: entries.slice(at, at + 100), removes: [] }
      ok(await this.catalogue.publish(name, change))
    }
    if (online) ok(await this.catalogue.attend(name, true))
    return name
  }

  async find(asker: string, words: string, filters: Omit<Query, 'words'> = {}): Promise<Hit[]> {
    const page = ok(await this.catalogue.search(asker, { ...(words !== '' && { words }), ...filters }, 100))
    return page.items.map(({ value }) => value)
  }

  async paths(asker: string, words: string, filters: Omit<Query, 'words'> = {}): Promise<string[]> {
    return (await this.find(asker, words, filters)).map(({ path }) => path)
  }
}

/** How often is asked again what came to an end only because this machine does other things as well. */
const patience = 20

/** A catalogue that is asked again where a query had too little time: how much that is, is tried where time is the test's. */
function patient(catalogue: Catalogue): Catalogue {
  return new Proxy(catalogue, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target)
      if (typeof value !== 'function') return value
      return (...values: unknown[]) => {
        const ask = () => value.apply(target, values) as unknown
        const first = ask()
        return first instanceof Promise ? again(first, ask, name === 'search') : first
      }
    },
  })
}

async function again(first: Promise<unknown>, ask: () => unknown, mayBePartial: boolean): Promise<unknown> {
  let answer = await first
  for (let n = 0; n < patience; n++) {
    const { kind, isPartial } = (answer ?? {}) as { kind?: string; isPartial?: boolean }
    if (kind !== 'too-slow' && !(mayBePartial && isPartial === true)) break
    answer = await ask()
  }
  return answer
}

export function ok<T extends object>(answer: Answer<T>): T {
  if (answer.kind !== 'ok') throw new Error(`refused: ${JSON.stringify(answer)}`)
  return answer as T
}
