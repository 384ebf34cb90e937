/**
 * Compares what the catalogue answers with what the oracle expects.
 *
 * What holds: an answer that says it is a part has nothing but what is expected; any other has all of it. What a slow machine leaves
 * unanswered is asked again, and then left out.
 */

import { expect } from 'chai'
import type { Catalogue } from '../../../../component/catalogue/catalogue.js'
import { entriesOfPath, maxFrozen } from '../../../../component/catalogue/limits.js'
import type { Answer, Hit, Query } from '../../../../component/catalogue/values.js'
import { compareStanding } from '../../../../protocol/catalogue/ranking.js'
import type { Expected, Oracle, Place } from './oracle.js'

/** How many searches were whole, and how many a part. */
export interface Seen {
  whole: number
  parts: number
  hits: number
  slow: number
}

/** Asks again what came to an end for want of time. */
export async function asked<T extends object>(
  ask: () => Promise<Answer<T>>,
  isEnough: (answer: { kind: 'ok' } & T) => boolean = () => true,
): Promise<({ kind: 'ok' } & T) | undefined> {
  let found: ({ kind: 'ok' } & T) | undefined
  for (let n = 0; n < 10; n++) {
    const answer = await ask()
    if (answer.kind === 'ok') {
      found = answer as { kind: 'ok' } & T
      if (isEnough(found)) break
    } else if (answer.kind === 'not-found') return undefined
    else if (answer.kind !== 'too-slow' && answer.kind !== 'busy') throw new Error(JSON.stringify(answer))
  }
  return found
}

/** A search with all of its pages. @param mayBePart whether a part is no sign of too little time */
export async function compareSearch(
  catalogue: Catalogue,
  oracle: Oracle,
  asker: string,
  query: Query,
  mayBePart: boolean,
  seen: Seen,
): Promise<void> {
  const expected = oracle.search(asker, query)
  const page = await asked(
    () => catalogue.search(asker, query, 100),
    (one) => mayBePart || !one.isPartial,
  )
  if (page === undefined) {
    seen.slow++
    return
  }
  const hits: Hit[] = []
  for (let items = page.items; items.length > 0; ) {
    hits.push(...items.map(({ value }) => value))
    const after = items.at(-1)!.cursor
    const next = await asked(() => catalogue.searchPage(asker, { after }, 100))
    if (next === undefined) return
    expect(next.isPartial).to.equal(page.isPartial)
    items = next.items
  }
  expect(hits, 'all pages').to.have.length(page.total)
  expect(new Set(hits.map(({ root }) => root)).size, 'contents').to.equal(hits.length)
  const whole = Math.min(expected.size, maxFrozen)
  if (!page.isPartial) expect(hits.length, 'how many').to.equal(whole)
  seen[page.isPartial ? 'parts' : 'whole']++
  seen.hits += hits.length
  for (const hit of hits) compareHit(oracle, asker, hit, expected.get(hit.root))
  const isRankedWhole = !page.isPartial && expected.size < maxFrozen && !isAnyPopular(expected)
  if (isRankedWhole) compareOrder(hits, expected)
}

/** What is told of one content, if it may be told at all. */
function compareHit(oracle: Oracle, asker: string, hit: Hit, one: Expected | undefined): void {
  expect(one, `${hit.path} of ${hit.peer} is expected`).not.to.equal(undefined)
  const place = one!.places.find(({ shared, entry }) => isAt(shared, entry.path, hit))
  expect(place, `the place ${hit.path} of ${hit.peer}`).not.to.equal(undefined)
  compareFacts(oracle, asker, hit, place!)
}

export function compareFacts(oracle: Oracle, asker: string, hit: Hit, { entry }: Place): void {
  const having = oracle.having(asker, hit.root).map(({ shared }) => shared)
  const { root, size, modified, mediaType } = entry
  const facts = { root, size, modified, mediaType }
  expect({ root: hit.root, size: hit.size, modified: hit.modified, mediaType: hit.mediaType }).to.deep.equal(
    facts,
  )
  // Of more places than these it stops counting (docs/catalogue.md, 5.3).
  if (having.length > 250) return
  const sources = new Set(having.map(({ peer }) => peer)).size
  const online = new Set(having.filter(oracle.isOnline).map(({ peer }) => peer)).size
  expect([hit.sources, hit.online], `sources of ${hit.path}`).to.deep.equal([sources, online])
}

const isAt = (
  shared: { peer: string; device: string; share: string },
  path: string,
  hit: { peer: string; device: string; share: string; path: string },
) =>
  shared.peer === hit.peer && shared.device === hit.device && shared.share === hit.share && path === hit.path

/** Whether some path has more entries than are looked at of one. */
function isAnyPopular(expected: ReadonlyMap<string, Expected>): boolean {
  const counts = new Map<string, number>()
  for (const { places } of expected.values()) {
    for (const { entry } of places) counts.set(entry.path, (counts.get(entry.path) ?? 0) + 1)
  }
  return [...counts.values()].some((count) => count > entriesOfPath)
}

/** The best first; what decides between equals is not told. */
function compareOrder(hits: readonly Hit[], expected: ReadonlyMap<string, Expected>): void {
  hits.slice(1).forEach(({ root, path }, at) => {
    const [before, after] = [expected.get(hits[at]!.root)!, expected.get(root)!]
    const order = compareStanding({ ...before, age: 0, content: 0 }, { ...after, age: 0, content: 0 })
    expect(order, `${path} comes after ${hits[at]!.path}`).to.be.at.most(0)
  })
}
