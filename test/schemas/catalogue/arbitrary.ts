/** Arbitrary values of every element of the catalogue, as far as the language goes. */

import fc from 'fast-check'
import { type Criteria, type Entry, maxModified, maxSeq, maxTtl } from '../../../schemas/index.js'
import { filename } from '../arbitrary.js'

const opt = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined })
const upTo = (max: number) => fc.oneof(fc.integer({ min: 0, max }), fc.constantFrom(0, 1, max))
const size = upTo(2 ** 44)
const count = upTo(2 ** 44)
const root = fc.uint8Array({ minLength: 32, maxLength: 32 })
const segment = filename
  .map((name) => [...name.replaceAll('/', '_')].slice(0, 255).join(''))
  .map((name) => (name === '.' || name === '..' ? 'dots' : name))

/** A path as it may be published. */
export const path = fc
  .array(segment, { minLength: 1, maxLength: 6 })
  .map((names) => names.join('/'))
  .filter((text) => [...text].length <= 1_024)

export const tag = fc.oneof(
  fc.stringMatching(/^[a-z0-9][a-z0-9_.-]{0,31}$/),
  fc.constantFrom('größe', 'опера', '浮士德', 'è', 'हिन्दी'),
)
const tags = fc.uniqueArray(tag, { maxLength: 8 })
const bare = fc.constantFrom('faust@goethe.example', 'goethe.example', 'größe@goethe.example', '_@[::1]')
const shareId = fc.stringMatching(/^[A-Za-z0-9_-]{8,32}$/)
const watchId = fc.stringMatching(/^[A-Za-z0-9_-]{1,32}$/)
const type = opt(fc.constantFrom('audio/flac', 'application/vnd.x+xml'))
const words = filename.map((text) => [...text].slice(0, 200).join(''))
const mark = filename
const number = fc.integer({ min: 0, max: 100 })

/** Which page: after or before, never both. */
const wanted = opt(
  fc.oneof(
    fc.record({ max: opt(number), after: opt(mark) }),
    fc.record({ max: opt(number), before: fc.oneof(mark, fc.constant('')) }),
  ),
)
const given = opt(
  fc.record({
    first: opt(fc.record({ mark, index: opt(fc.integer({ min: 0, max: 1_000 })) })),
    last: opt(mark),
    count: opt(count),
  }),
)

export const entry: fc.Arbitrary<Entry> = fc.record({
  path,
  size,
  modified: upTo(maxModified),
  root,
  type,
  tags,
})

export const visibility = fc.oneof(
  fc.constant({ kind: 'everybody' as const }),
  fc.constant({ kind: 'nobody' as const }),
  fc
    .record({
      kind: fc.constant('only' as const),
      domains: fc.uniqueArray(fc.constantFrom('goethe.example', 'größe.example', 'x'), { maxLength: 3 }),
      peers: fc.uniqueArray(bare, { maxLength: 3 }),
    })
    .filter(({ domains, peers }) => domains.length + peers.length > 0),
)

const criteria: fc.Arbitrary<Criteria> = fc
  .record({
    words: opt(words),
    size: opt(
      fc
        .record({ min: opt(size), max: opt(size) })
        .map(({ min, max }) =>
          min !== undefined && max !== undefined && min > max ? { min } : { min, max },
        ),
    ),
    types: fc.array(fc.constantFrom('audio', 'audio/flac', 'image'), { maxLength: 8 }),
    tags,
    root: opt(root),
    peer: opt(bare),
    online: fc.boolean(),
  })
  .filter(
    ({ words, types, tags, root, peer }) =>
      words !== undefined || root !== undefined || peer !== undefined || types.length + tags.length > 0,
  )
const withPage = criteria.chain((given) => wanted.map((page) => ({ ...given, page })))
const watch = criteria.chain((given) => watchId.map((id) => ({ id, ...given })))

export const hit = fc
  .record({ path, root, size, sources: count, online: count, type })
  .chain((given) => opt(fc.record({ peer: bare, share: shareId })).map((best) => ({ ...given, ...best })))
const held = fc.record({ share: shareId, seq: upTo(maxSeq) })
const registration = fc.stringMatching(/^[0-9a-f]{32}$/)
const some = <T>(arbitrary: fc.Arbitrary<T>) => fc.array(arbitrary, { maxLength: 4 })
const shareName = filename.map((text) => [...text].slice(0, 128).join(''))
const folder = fc.record({
  id: shareId,
  name: shareName,
  files: count,
  size: opt(size),
  seq: opt(upTo(maxSeq)),
  tags,
  visibility: opt(visibility),
})

const shownFolder = fc.record({ path, files: count })
/** Whether the answer may be in lines. */
const wish = fc.constantFrom(true, undefined)

/** Arbitrary values, by the element's name. */
export const arbitrary: { [name: string]: fc.Arbitrary<unknown> } = {
  register: fc.record({ id: opt(registration) }),
  registered: fc.record({ id: registration, ttl: fc.integer({ min: 1, max: maxTtl }), held: some(held) }),
  unregister: fc.constant({}),
  share: fc.record({ id: shareId, name: shareName, tags, visibility }),
  held,
  unshare: fc.record({ id: shareId }),
  publish: fc.record({
    share: shareId,
    base: fc.integer({ min: 0, max: 2 ** 40 }),
    seq: fc.integer({ min: 2 ** 40 + 1, max: maxSeq }),
    removes: some(path),
    adds: fc.uniqueArray(entry, { maxLength: 4, selector: (one) => one.path }),
  }),
  shares: fc.record({ page: wanted }),
  'share-list': fc.record({ shares: some(folder), page: given }),
  search: withPage.chain((value) => wish.map((lines) => ({ ...value, lines }))),
  found: fc.oneof(
    fc.record({ hits: some(hit), page: given }),
    fc.record({ hits: fc.constant([]), lines: some(hit), page: given }),
  ),
  browse: fc
    .record({
      peer: bare,
      share: opt(shareId),
      path: opt(path),
      deep: fc.boolean(),
      lines: wish,
      page: wanted,
    })
    .map((value) => (value.share === undefined ? { ...value, path: undefined, deep: false } : value)),
  listing: fc.oneof(
    fc.record({ folders: some(shownFolder), files: some(entry), page: given }),
    fc.record({
      folders: fc.constant([]),
      files: fc.constant([]),
      lines: some(fc.oneof(shownFolder, entry)),
      page: given,
    }),
  ),
  peers: fc.record({ which: fc.constantFrom('online', 'offline', 'all'), page: wanted }),
  'peer-list': fc.record({
    peers: some(
      fc.record({ peer: bare, online: fc.boolean(), shares: opt(count), files: count, size: opt(size) }),
    ),
    page: given,
  }),
  sources: fc.record({ root, page: wanted }),
  'source-list': fc.record({
    sources: some(
      fc.record({ path, peer: bare, share: shareId, online: fc.boolean(), modified: upTo(maxModified) }),
    ),
    page: given,
  }),
  tags: fc.record({ prefix: opt(tag), page: wanted }),
  'tag-list': fc.record({ tags: some(fc.record({ tag, files: count })), page: given }),
  watch,
  unwatch: fc.record({ id: watchId }),
  watches: fc.constant({}),
  'watch-list': fc.record({ watches: some(watch) }),
  matched: fc.record({ id: watchId, more: count, hits: fc.array(hit, { minLength: 1, maxLength: 3 }) }),
  blocking: fc.record({
    domains: fc.uniqueArray(fc.constantFrom('goethe.example', 'größe.example', 'x'), { maxLength: 3 }),
    peers: fc.uniqueArray(bare, { maxLength: 3 }),
  }),
}
