/**
 * Names as people have them, from a seed: words by Zipf's law, folders by author and collection, popular works that many
 * have under the same path, and files that nobody else has.
 */

import type { Entry } from '../../component/catalogue/values.js'

export interface Names {
  /** The next entry of a peer. */
  next(peer: number): Entry
  /** The word of this rank, 0 the most frequent. */
  word(rank: number): string
}

const syllables =
  'ba be bi bo da de di do fa fi ka ke ko la le li lo ma me mi mo na ne no pa pe ra re ri ro sa se si so ta te ti to va vi za'.split(
    ' ',
  )
const kinds = [
  ['mp3', 'audio/mpeg', 5e6],
  ['flac', 'audio/flac', 3e7],
  ['mkv', 'video/x-matroska', 1e9],
  ['jpg', 'image/jpeg', 2e6],
  ['pdf', 'application/pdf', 1e6],
  ['txt', 'text/plain', 1e4],
] as const

/** Words there are, and works of which several peers have copies. */
const vocabulary = 300_000

/** @param before entries that were made already: those that come are others, but for the works that many have */
export function namesFrom(seed: number, entries: number, before = 0): Names {
  const random = randomFrom(seed + before)
  const works = Math.max(1, Math.floor(entries / 4))
  // Exponent 1: as frequent as one by its rank.
  const zipf = (n: number, of = random) => Math.floor(Math.exp(of() * Math.log(n + 1))) - 1
  const word = (rank: number) => {
    let text = ''
    for (let rest = rank + 7; rest > 0; rest = Math.floor(rest / syllables.length))
      text += syllables[rest % syllables.length]
    return text
  }
  const title = (of: () => number) => {
    const words = Array.from({ length: 1 + Math.floor(of() * 5) }, () => word(zipf(vocabulary, of)))
    return words.join(of() < 0.3 ? '_' : ' ')
  }
  /** The same for the same number. */
  const work = (number: number): Entry => {
    const of = randomFrom(number * 2 + 1)
    const [ending, mediaType, size] = kinds[Math.min(kinds.length - 1, Math.floor(of() * of() * 8))]!
    const author = randomFrom(Math.floor(number / 10) * 2)
    const folder = `${['Music', 'Media', 'Downloads', 'Books'][Math.floor(author() * 4)]}/${title(author)}/${title(author)}`
    const name = `${String(number % 10).padStart(2, '0')} - ${title(of)}.${ending}`
    const root = Array.from({ length: 8 }, () =>
      Math.floor(of() * 2 ** 32)
        .toString(16)
        .padStart(8, '0'),
    ).join('')
    return {
      path: `${folder}/${name}`,
      root,
      size: Math.floor(size * (0.2 + of())),
      mediaType,
      modified: 1_600_000_000 + Math.floor(of() * 1e8),
    }
  }
  let own = 1e9 + before
  return {
    word,
    next: () =>
      work(random() < 0.3 ? own++ : Math.min(works - 1, zipf(works) + Math.floor(random() * works * 0.5))),
  }
}

/** Numbers from 0 to 1 by a seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = (seed ^ 0x9e3779b9) >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
