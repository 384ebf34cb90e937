/** Arbitrary values of every stanza, as far as the language goes. */

import fc from 'fast-check'
import { withinLimits } from '../../protocol/candidates.js'
import type { ActionValues, FileDescription, Way } from '../../schemas/index.js'
import { maxAttempt, maxFilesize, maxPlace, reasons } from '../../schemas/index.js'

const hex = (length: number) =>
  fc
    .uint8Array({ minLength: length / 2, maxLength: length / 2 })
    .map((bytes) => Buffer.from(bytes).toString('hex'))
const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
const opt = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined })

/** Characters that XML can carry, the troublesome ones often. */
const character = fc.oneof(
  fc.constantFrom(
    '<',
    '>',
    '&',
    '"',
    "'",
    ']]>',
    '\n',
    '\t',
    ' ',
    '\u0085',
    '\u2028',
    '\u202e',
    '\ufffd',
    '\u007f',
    '&amp;',
    '&#10;',
  ),
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 }),
  fc.integer({ min: 0x20, max: 0x10ffff }).map((point) => {
    const outside = (point >= 0xd800 && point <= 0xdfff) || point === 0xfffe || point === 0xffff
    return outside ? '?' : String.fromCodePoint(point)
  }),
)

/** At most `max` code points that XML can carry. */
export const carriedText = (max: number) =>
  fc
    .array(character, { maxLength: 40 })
    .map((pieces) =>
      [...pieces.join('').replace(/[\r\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, '')].slice(0, max).join(''),
    )

/** A name without control characters. */
export const filename = carriedText(255).map(
  (text) => text.replace(/[\u0000-\u001f\u007f-\u009f]/g, '') || 'x',
)

const moment = fc
  .date({ min: new Date('0001-01-01T00:00:00Z'), max: new Date('9999-12-31T23:59:59Z'), noInvalidDate: true })
  .map((date) => date.toISOString())
const sid = hex(32)
const routing = {
  sid: opt(sid),
  id: opt(fc.stringMatching(/^[A-Za-z0-9_-]{8,64}$/)),
  peer: opt(
    fc.constantFrom('faust@goethe.example', 'goethe.example', 'größe@goethe.example/Studier zimmer & <mehr>'),
  ),
  device: opt(hex(64)),
  stamp: opt(moment),
}
const attempt = fc.integer({ min: 1, max: maxAttempt })
const filesize = fc.oneof(
  fc.integer({ min: 0, max: maxFilesize }),
  fc.constantFrom(0, 1, 2 ** 31, 2 ** 32, maxFilesize),
)
const address = { ip: fc.oneof(fc.ipV4(), fc.ipV6()), port: fc.integer({ min: 1, max: 65_535 }) }
const candidate = fc.oneof(
  fc.record({ kind: fc.constantFrom('host' as const, 'mapped' as const, 'punch' as const), ...address }),
  fc.record({ kind: fc.constant('turn' as const), ...address }),
  fc.record({ kind: fc.constant('proxy' as const), ...address, dst: hex(40) }),
  fc.record({
    kind: fc.constant('inband' as const),
    jid: fc.constantFrom('faust@goethe.example/Studier zimmer', 'margarete@goethe.example/a'),
    sid: fc.stringMatching(/^[A-Za-z0-9_-]{8,64}$/),
  }),
)
const listeningWay: fc.Arbitrary<Way> = fc.record({
  kind: fc.constant('listening' as const),
  candidates: fc.array(candidate, { minLength: 1, maxLength: 7 }).map(withinLimits),
})
const connectingWay: fc.Arbitrary<Way> = fc.constant({ kind: 'connecting' })
const way = opt(fc.oneof(listeningWay, connectingWay))
const reason = opt(fc.constantFrom(...reasons))
const hashes = fc.uniqueArray(
  fc.oneof(
    fc.record({ algo: fc.constant('sha-256'), value: bytes(32) }),
    fc.record({ algo: fc.constant('sha-512'), value: bytes(64) }),
    fc.record({
      algo: fc.stringMatching(/^x[a-z0-9-]{0,20}$/),
      value: fc.uint8Array({ minLength: 16, maxLength: 64 }),
    }),
  ),
  { maxLength: 4, selector: ({ algo }) => algo },
)
const file: fc.Arbitrary<FileDescription> = fc
  .record({
    filename,
    filesize,
    date: opt(moment),
    mediaType: opt(fc.constantFrom('audio/flac', 'application/vnd.x+xml')),
    root: opt(bytes(32)),
    hashes,
    rootLater: fc.boolean(),
  })
  .map((value) => (value.root ? { ...value, rootLater: false } : value))

const shapes: { [N in keyof ActionValues]: fc.Arbitrary<ActionValues[N]> } = {
  offer: fc.record({
    ...routing,
    every: fc.boolean(),
    expires: opt(moment),
    desc: opt(carriedText(1_024)),
    files: fc.array(file, { minLength: 1, maxLength: 4 }),
  }),
  request: fc
    .record({
      ...routing,
      share: opt(fc.stringMatching(/^[A-Za-z0-9_-]{8,32}$/)),
      desc: opt(carriedText(1_024)),
      filename,
      filesize: opt(filesize),
      append: fc.boolean(),
      filebytesdone: opt(filesize),
      root: opt(bytes(32)),
    })
    .map((value) => {
      if (value.share === undefined) return value
      // A name is a wish that may be anything; a path is one that leads somewhere.
      const name = value.filename.replaceAll('/', '-')
      const last = name === '.' || name === '..' ? 'name' : name
      return { ...value, filename: last, path: `Musik/${last}` }
    }),
  accept: fc.record({
    ...routing,
    attempt,
    way,
    token: opt(bytes(32)),
    append: fc.boolean(),
    filebytesdone: opt(filesize),
    files: fc.array(file, { maxLength: 3 }),
  }),
  decline: fc.record({
    ...routing,
    block: fc.boolean(),
    reason,
    text: opt(carriedText(200)),
    over: fc.boolean(),
  }),
  append: fc.record({ ...routing, attempt, way, token: opt(bytes(32)), filebytesdone: filesize }),
  listening: fc.record({ ...routing, attempt, way: listeningWay, token: opt(bytes(32)) }),
  connecting: fc.record({ ...routing, attempt, way: connectingWay, token: opt(bytes(32)) }),
  timeout: fc.record({ ...routing, attempt }),
  abort: fc.record({ ...routing, attempt: opt(attempt), reason, text: opt(carriedText(200)) }),
  complete: fc.record({ ...routing, attempt, root: bytes(32) }),
  queued: fc.record({ ...routing, place: fc.integer({ min: 1, max: maxPlace }) }),
  ready: fc.record(routing),
}

/** Without the keys that are `undefined`: a reader leaves them out. */
export function pruned<T>(value: T): T {
  if (Array.isArray(value)) return value.map(pruned) as T
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value
  const kept = Object.entries(value).filter(([, item]) => item !== undefined)
  return Object.fromEntries(kept.map(([key, item]) => [key, pruned(item)])) as T
}

/** Arbitrary values of every action, by its name. */
export const arbitrary = shapes as { [name: string]: fc.Arbitrary<unknown> }
