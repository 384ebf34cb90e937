/** Random entries, searches and shares: few words in many forms, so that they meet. */

import type { Entry, Query } from '../../../../component/catalogue/values.js'
import type { VisibleTo } from '../../../../protocol/catalogue/visibility.js'
import type { Random } from '../../../bytes/random.js'
import { rootOf } from '../stage.js'

export const domains = ['goethe.example', 'markt.example', 'hexen.example', 'alt.goethe.example']
/** Whom the component serves: not all of whom there are. */
export const users = [...domains.slice(0, 3), 'lilith@alt.goethe.example']
export const peers = [
  ...['faust', 'gretchen', 'wagner'].map((name) => `${name}@goethe.example`),
  ...['marthe', 'valentin'].map((name) => `${name}@markt.example`),
  ...['mephisto', 'baubo'].map((name) => `${name}@hexen.example`),
  ...['lilith', 'homunculus'].map((name) => `${name}@alt.goethe.example`),
]
const types = ['audio/mpeg', 'audio/ogg', 'image/jpeg', 'image/svg+xml', 'text/plain', 'audiobook/x']
export const tags = ['fotos', 'fotograf', 'markt', 'größe', '写真']
const words = [
  ...[
    'song',
    'Love',
    'night',
    'GREAT',
    'green',
    'greta',
    'Gretchen',
    'gregor',
    'grey',
    'mp3',
    '2002',
    'a',
    'of',
  ],
  ...[
    'Café',
    'Mu\u0308ller',
    'MÜLLER',
    'straße',
    'STRASSE',
    'Œuvre',
    'Łódź',
    'ΖΟΡΜΠΆΣ',
    'ζορμπας',
    'Война',
    'мир',
  ],
  ...['千と千尋の神隠し', '神隠し', '東京', 'ガンダム', 'カンタム', 'ภาษาไทย', '한국어', 'हिन्दी'],
  ...['🎵', '😀', '𐌰𐌱', '𐌰𐌱𐌲𐌳', 'ﬁsh', '①', 'ЁЖ', "don't", 'x'.repeat(70)],
]
const joints = [' ', ' ', '_', '-', '.', ' & ', '"', ' OR ', '*', '']

export class Drawing {
  readonly random: Random
  /** Words of its own, that all entries are made of; and how many contents there are. */
  readonly words: readonly string[]
  readonly #contents: number
  /** One share in so many is not for everybody. */
  readonly #hidden: number

  constructor(random: Random, contents: number, hidden: number, own: readonly string[] = words) {
    this.random = random
    this.#hidden = hidden
    this.#contents = contents
    this.words = own
  }

  one = <T>(of: readonly T[]): T => of[this.random.below(of.length)]!
  /** Whether something is that happens once in `of`. */
  once = (of: number) => this.random.below(of) === 0
  some = <T>(of: readonly T[], most: number): T[] => [
    ...new Set(Array.from({ length: this.random.below(most + 1) }, () => this.one(of))),
  ]
  list = <T>(length: number, draw: () => T): T[] => Array.from({ length }, draw)

  #name(): string {
    const some = this.list(1 + this.random.below(3), () => this.one(this.words))
    return some.reduce((before, word) => before + this.one(joints) + word)
  }

  path(): string {
    const folders = this.list(this.random.below(3), () => this.#name())
    return [...folders, `${this.#name()}${this.one(['', '.mp3', '.jpg', ' 1', ' 2'])}`]
      .join('/')
      .replaceAll('//', '/')
  }

  /** Its size goes with its root. */
  entry(path = this.path()): Entry {
    const content = this.random.below(this.#contents)
    return {
      path,
      root: rootOf(`content ${content}`),
      size: (content % 20) * 100,
      modified: 1_000_000_000 + this.random.below(1_000),
      ...(!this.once(4) && { mediaType: this.one(types) }),
      ...(this.once(3) && { tags: this.some(tags, 2) }),
    }
  }

  visibleTo(): VisibleTo {
    if (!this.once(this.#hidden)) return { kind: 'everybody' }
    if (this.once(2)) return { kind: 'nobody' }
    const listed = this.some(peers, 3)
    return { kind: 'only', domains: this.some(domains, 2), peers: listed.length > 0 ? listed : [peers[0]!] }
  }

  #wanted(): string {
    const signs = [...this.one(this.words)]
    const from = this.random.below(signs.length)
    const part = signs.slice(from, from + 2 + this.random.below(4)).join('')
    const start = signs.slice(0, 1 + this.random.below(5)).join('')
    const whole = signs.join('')
    return this.one([whole, whole, whole, whole.toUpperCase(), `${start}*`, `*${part}`, `*${part}*`, part])
  }

  searchWords(): string {
    const some = this.list(this.once(20) ? 18 : 1 + this.random.below(this.one([1, 2, 5])), () =>
      this.#wanted(),
    )
    if (this.once(10)) some.push(this.one(['!?', '"', 'AND', '(', 'nothing', '-', '*']))
    return some.reduce((before, word) => before + this.one([' ', ' ', '  ', '+', '-', '\u3000']) + word)
  }

  query(): Query {
    if (this.once(2)) return { words: this.searchWords() }
    const query: Query = {
      ...(!this.once(4) && { words: this.searchWords() }),
      ...(this.once(6) && { minSize: this.random.below(1_500) }),
      ...(this.once(6) && { maxSize: this.random.below(2_500) }),
      ...(this.once(4) && { types: this.some([...types, 'audio', 'image', 'none'], 3) }),
      ...(this.once(4) && { tags: this.some([...tags, ...tags, ...tags, 'none'], 2) }),
      ...(this.once(12) && { root: rootOf(`content ${this.random.below(this.#contents)}`) }),
      ...(this.once(3) && { online: true }),
      ...(this.once(6) && { peer: this.one(peers) }),
    }
    const { words, types: kinds = [], tags: marks = [], root, peer } = query
    const asksNothing = words === undefined && root === undefined && peer === undefined
    return asksNothing && kinds.length + marks.length === 0 ? { ...query, words: this.searchWords() } : query
  }
}
