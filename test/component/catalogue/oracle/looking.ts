/** Compares what is seen by looking around: peers, shares, files, tags, sources, and what may be asked for. */

import { expect } from 'chai'
import type { Catalogue } from '../../../../component/catalogue/catalogue.js'
import type { Answer, Listing } from '../../../../component/catalogue/values.js'
import { asked } from './comparing.js'
import { type Drawing, peers, tags } from './drawing.js'
import type { Oracle, Shared } from './oracle.js'

const byText =
  <T>(key: (one: T) => string) =>
  (a: T, b: T) =>
    key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0
const sum = (numbers: readonly number[]) => numbers.reduce((all, one) => all + one, 0)
const sizeOf = (shares: readonly Shared[]) => ({
  files: sum(shares.map(({ entries }) => entries.size)),
  bytes: sum(shares.flatMap(({ entries }) => [...entries.values()].map(({ size }) => size))),
})

/** All pages of a list. */
async function allOf<T>(page: (after: string) => Promise<Answer<Listing<T>>>): Promise<T[] | undefined> {
  const found: T[] = []
  for (let after = ''; ; ) {
    const one = await asked(() => page(after))
    if (one === undefined) return undefined
    found.push(...one.items.map(({ value }) => value))
    if (!one.isMore) return found
    after = one.items.at(-1)!.cursor
  }
}

/** Looks around once, with the eyes of `asker`. */
export async function compareLooks(
  catalogue: Catalogue,
  oracle: Oracle,
  drawing: Drawing,
  asker: string,
): Promise<void> {
  await comparePeers(catalogue, oracle, drawing, asker)
  await compareTags(catalogue, oracle, drawing, asker)
  if (oracle.shares.length > 0) await compareShare(catalogue, oracle, asker, drawing.one(oracle.shares))
  await compareSources(catalogue, oracle, drawing, asker)
}

async function comparePeers(catalogue: Catalogue, oracle: Oracle, { one, random }: Drawing, asker: string) {
  const which = one(['all', 'online', 'offline'] as const)
  const span = { max: 1 + random.below(6) }
  const found = await allOf((after) => catalogue.peers(asker, which, { ...span, after }))
  const seen = oracle.seen(asker)
  const all = peers.flatMap((peer) => {
    const shares = seen.filter((shared) => shared.peer === peer && shared.entries.size > 0)
    if (shares.length === 0) return []
    return [{ peer, isOnline: shares.some(oracle.isOnline), shares: shares.length, ...sizeOf(shares) }]
  })
  const expected = all.filter(({ isOnline }) => which === 'all' || isOnline === (which === 'online'))
  if (found !== undefined) expect(found, which).to.deep.equal(expected.sort(byText(({ peer }) => peer)))

  const peer = one(peers)
  const shares = await allOf((after) => catalogue.shares(asker, peer, { ...span, after }))
  const mine = seen.filter((shared) => shared.peer === peer && (shared.entries.size > 0 || asker === peer))
  const items = mine.sort(byText(({ share }) => share)).map((shared) => {
    const { device, share, title, tags } = shared
    const facts = { peer, device, share, name: title, tags: [...tags].sort(byText(String)) }
    return {
      ...facts,
      ...sizeOf([shared]),
      isOnline: oracle.isOnline(shared),
      seq: asker === peer ? shared.seq : undefined,
    }
  })
  const plain = shares?.map(({ own, ...item }) => {
    return { ...item, tags: item.tags.toSorted(byText(String)), seq: own?.seq }
  })
  if (plain !== undefined) expect(plain, `shares of ${peer}`).to.deep.equal(items)
}

async function compareTags(catalogue: Catalogue, oracle: Oracle, { one, once }: Drawing, asker: string) {
  const expected = oracle.tags(asker)
  const found = await asked(() => catalogue.tags(asker, 100))
  const counts = found?.items.map(({ value }) => value.files) ?? []
  expect(counts).to.deep.equal(counts.toSorted((a, b) => b - a))
  if (found !== undefined) {
    const told = new Map(found.items.map(({ value }) => [value.tag, value.files]))
    expect(told, 'tags').to.deep.equal(expected)
  }
  const prefix = once(3) ? '' : [...one(tags)].slice(0, 2).join('')
  const some = await allOf((after) => catalogue.tagsWith(asker, prefix, { max: 2, after }))
  const wanted = [...expected].filter(([tag]) => tag.startsWith(prefix)).sort(byText(([tag]) => tag))
  const told = some?.map(({ tag, files }) => [tag, files])
  if (told !== undefined) expect(told, `tags with ${prefix}`).to.deep.equal(wanted)
}

async function compareShare(catalogue: Catalogue, oracle: Oracle, asker: string, shared: Shared) {
  const isSeen = oracle.isSeen(asker, shared)
  const listed = await allOf((after) => catalogue.folder(asker, shared, '', { max: 50, after }, true))
  const expected = [...shared.entries.values()].map(({ tags = [], ...entry }) => {
    return { kind: 'file', mediaType: undefined, ...entry, tags: [...tags].sort(byText(String)) }
  })
  const found = (listed ?? []).map((item) => {
    expect(item.kind).to.equal('file')
    return { mediaType: undefined, ...item, tags: 'tags' in item ? item.tags.toSorted(byText(String)) : [] }
  })
  const byPath = byText(({ path }: { path: string }) => path)
  if (!isSeen) expect(listed, 'a hidden share').to.equal(undefined)
  else if (listed !== undefined) expect(found.sort(byPath)).to.deep.equal(expected.sort(byPath))
  const entry = shared.entries.values().next().value
  if (entry === undefined) return
  const { peer, device, share } = shared
  const { path, root, size } = entry
  const answer = await asked(() => catalogue.canSee(asker, peer, share, path))
  if (!isSeen) expect(answer).to.equal(undefined)
  else if (answer !== undefined) {
    expect(answer).to.deep.equal({ kind: 'ok', peer, device, share, path, root, size })
  }
}

async function compareSources(catalogue: Catalogue, oracle: Oracle, { one }: Drawing, asker: string) {
  const all = oracle.shares.flatMap(({ entries }) => [...entries.values()])
  if (all.length === 0) return
  const { root } = one(all)
  const having = oracle.having(asker, root)
  const page = await asked(() => catalogue.sources(asker, root, 100))
  if (having.length === 0) return expect(page).to.equal(undefined)
  if (page === undefined) return
  expect(page.total).to.equal(Math.min(1_000, having.length))
  const key = byText((one: unknown) => JSON.stringify(one))
  const told = page.items.map(({ value: { peer, device, share, path, isOnline, modified } }) => {
    return { peer, device, share, path, isOnline, modified }
  })
  expect(told.map(({ isOnline }) => isOnline)).to.deep.equal(
    told.map(({ isOnline }) => isOnline).sort((a, b) => +b - +a),
  )
  const expected = having.map(({ shared, entry: { path, modified } }) => {
    const { peer, device, share } = shared
    return { peer, device, share, path, isOnline: oracle.isOnline(shared), modified }
  })
  if (having.length <= 100) expect(told.sort(key), 'sources').to.deep.equal(expected.sort(key))
  const peer = one(peers)
  const answer = await asked(() => catalogue.canSeeRoot(asker, peer, root))
  if (answer === undefined) return
  const mine = having.filter(({ shared }) => shared.peer === peer)
  expect(mine.map(({ shared, entry }) => `${shared.share} ${entry.path}`)).to.include(
    `${answer.share} ${answer.path}`,
  )
}
