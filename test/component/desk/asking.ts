/** The stage of the desk's tests: devices that ask the catalogue over a private Prosody, in the words of the catalogue. */

import { createHash } from 'node:crypto'
import {
  type Codec,
  catalogueElements,
  type Entry,
  type Hit,
  type Matched,
  matched,
  nsCatalogue,
  type QuestionName,
  type QuestionValues,
  questions,
  type Visibility,
} from '../../../schemas/index.js'
import { localName } from '../../../schemas/xml.js'
import { answer, Refused, RequestRefused } from '../../../wire/index.js'
import { type Device, Inbox, refusalOf, type Stage } from '../stage.js'

export const rootOf = (text: string) => new Uint8Array(createHash('sha256').update(text).digest())

/** A file as it is published; what it is follows from its path. */
export const file = (path: string, more: Partial<Entry> = {}): Entry => ({
  path,
  size: 1_000,
  modified: 1_013_545_379,
  root: rootOf(path),
  type: undefined,
  tags: [],
  ...more,
})

export const everybody: Visibility = { kind: 'everybody' }
export const nobody: Visibility = { kind: 'nobody' }
export const only = (given: { domains?: string[]; peers?: string[] }): Visibility => ({
  kind: 'only',
  domains: given.domains ?? [],
  peers: given.peers ?? [],
})

/** A search for these words, and what else is said. */
export const words = (text: string, more: Partial<QuestionValues['search']> = {}) => ({
  words: text,
  types: [],
  tags: [],
  online: false,
  ...more,
})

// biome-ignore lint/suspicious/noExplicitAny: the codec of whatever comes back
type Any = any

/** One who asks. */
export class Person {
  readonly matches = new Inbox<Matched>()
  /** What to answer to a notice: nothing is `result`. */
  onMatched: () => void = () => {}
  /** How long an answer is waited for, in ms. */
  patienceMs = 30_000
  /** Whether he asks a question again where there was no time for it, as on a machine that does other things as well. */
  persists = true

  constructor(readonly device: Device) {
    answer(device.entity, {
      type: 'set',
      ns: nsCatalogue,
      name: 'matched',
      handle: (payload, { from }) => {
        if (from !== device.component) throw Refused.by('forbidden')
        this.onMatched()
        this.matches.put(matched.read(payload))
      },
    })
  }

  static async at(stage: Stage, name: string, device?: string): Promise<Person> {
    const person = new Person(await stage.client(name, device))
    await person.device.logIn()
    return person
  }

  get jid(): string {
    return this.device.bare
  }

  /** Asks; gives what the answer holds. */
  async ask<N extends QuestionName>(
    name: N,
    value: QuestionValues[N],
    persists = this.persists,
  ): Promise<Any> {
    const { type, ask } = questions[name] as { type: 'get' | 'set'; ask: Codec<unknown> }
    const asking = () => this.device.ask(ask.write(value), type, this.patienceMs)
    const payload = await (persists && type === 'get' ? persist(asking) : asking())
    if (payload === undefined) return undefined
    const codec = (catalogueElements as Record<string, Codec<unknown>>)[localName(payload)]
    return codec!.read(payload)
  }

  /** Asks something that is to be refused. @returns how */
  refused<N extends QuestionName>(name: N, value: QuestionValues[N]): Promise<string> {
    return refusalOf(this.ask(name, value, false))
  }

  /** Shares a folder with these files in it, by one publication. */
  async share(
    id: string,
    files: Entry[],
    { visibility = everybody, tags = [] as string[], name = id } = {},
  ): Promise<void> {
    await this.ask('share', { id, name, tags, visibility })
    if (files.length > 0) await this.ask('publish', { share: id, base: 0, seq: 1, removes: [], adds: files })
  }

  async find(text: string, more: Partial<QuestionValues['search']> = {}): Promise<string[]> {
    const { hits } = (await this.ask('search', words(text, more))) as { hits: Hit[] }
    return hits.map(({ path }) => path)
  }
}

/** Asks again while there was no time for it. */
async function persist<T>(ask: () => Promise<T>): Promise<T> {
  for (let n = 0; ; n++) {
    try {
      return await ask()
    } catch (error) {
      const isLater = error instanceof RequestRefused && error.condition === 'resource-constraint'
      if (!isLater || error.app?.name !== 'retry' || n === 30) throw error
    }
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
}

/** Asks again until it is so; for what follows from an answer within a second or so. */
export async function until<T>(ask: () => Promise<T>, isSo: (value: T) => boolean): Promise<T> {
  for (;;) {
    const value = await ask()
    if (isSo(value)) return value
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
