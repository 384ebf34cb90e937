/**
 * How well a path answers a query, and which of two results comes first.
 *
 * What counts, in this order: how many terms the name itself has (the rest stand in folders); whether they stand next
 * to each other in the order asked for, or in that order at all; whether the name begins with the first; whether they are whole words
 * rather than starts or parts; how little else is in the name. Then what is online, then what has more sources. The last word has the age,
 * so that the order is total and the same every time.
 */

import type { Term } from './query.js'
import { wordsOf } from './words.js'

/** A path whose words are to be looked at. */
export interface Words {
  folder: readonly string[]
  name: readonly string[]
}

export function wordsOfPath(folder: string, name: string): Words {
  return { folder: folder === '' ? [] : wordsOf(folder), name: wordsOf(name) }
}

/**
 * How well the words of a path answer the terms: more is better, `undefined` if a term is missing. Without terms
 * everything is as good.
 */
export function rankOf(terms: readonly Term[], words: Words): number | undefined {
  let inName = 0
  let whole = 0
  let ordered = true
  let adjacent = true
  let first = -1
  let last = -1
  for (const term of terms) {
    // After the term before if it stands there too, else anywhere.
    let at = indexOf(term, words.name, last + 1)
    if (at < 0) at = indexOf(term, words.name, 0)
    if (at < 0) {
      if (indexOf(term, words.folder, 0) < 0) return undefined
      ordered = adjacent = false
      continue
    }
    if (inName === 0) first = at
    else if (at <= last) ordered = adjacent = false
    else if (at !== last + 1) adjacent = false
    last = at + (term.kind === 'run' ? term.pairs.length - 1 : 0)
    inName++
    if (term.kind === 'run' || words.name[at] === term.text) whole++
  }
  const order = adjacent ? 2 : ordered ? 1 : 0
  const brevity = 63 - Math.min(63, words.name.length)
  return (((inName * 4 + order) * 2 + (first === 0 ? 1 : 0)) * 32 + whole) * 64 + brevity
}

function indexOf(term: Term, words: readonly string[], from: number): number {
  switch (term.kind) {
    case 'word':
      return words.indexOf(term.text, from)
    case 'run':
      return indexOfRun(term.pairs, words, from)
    case 'prefix':
      for (let at = from; at < words.length; at++) if (words[at]!.startsWith(term.text)) return at
      return -1
    case 'part':
      for (let at = from; at < words.length; at++) if (words[at]!.includes(term.text)) return at
      return -1
  }
}

function indexOfRun(pairs: readonly string[], words: readonly string[], from: number): number {
  for (let at = from; at + pairs.length <= words.length; at++) {
    if (pairs.every((pair, step) => words[at + step] === pair)) return at
  }
  return -1
}

/** What the order of results is made of. */
export interface Standing {
  rank: number
  /** Sources online, and sources at all, counted up to some bound. */
  online: number
  sources: number
  /** More is newer. */
  age: number
  /** Decides between equals. */
  content: number
}

/** Best first. Total: never 0 for two contents. */
export function compareStanding(a: Standing, b: Standing): number {
  return (
    b.rank - a.rank ||
    Math.sign(b.online) - Math.sign(a.online) ||
    magnitude(b.online) - magnitude(a.online) ||
    magnitude(b.sources) - magnitude(a.sources) ||
    b.age - a.age ||
    b.content - a.content
  )
}

/** One source more of many does not change the order. */
const magnitude = (count: number) => 32 - Math.clz32(count)
