/** The whole list of a share: written and read as the same, however it is cut; anything else is refused. */

import { deflateSync, inflateSync } from 'node:zlib'
import { expect } from 'chai'
import fc from 'fast-check'
import {
  BadList,
  byCodePoint,
  inListOrder,
  type ListHead,
  ListReader,
  maxPackedBytes,
  maxRatio,
  UnpackedSize,
  writeList,
} from '../../protocol/catalogue-list/index.js'
import { type Entry, Malformed, publish } from '../../schemas/index.js'
import { pruned } from '../schemas/arbitrary.js'
import { entry as anyEntry } from '../schemas/catalogue/arbitrary.js'

const head = (entries: Entry[]): ListHead => ({ share: 'Lieder-7f3a', seq: 17, entries: entries.length })
const written = (entries: Entry[]) => Buffer.from([...writeList(head(entries), entries)].join(''))

function read(text: string | Uint8Array, cut = 65_536): Entry[] {
  const bytes = typeof text === 'string' ? Buffer.from(text) : text
  const reader = new ListReader()
  const entries: Entry[] = []
  for (let at = 0; at < bytes.length; at += cut) entries.push(...reader.push(bytes.subarray(at, at + cut)))
  reader.end()
  return entries
}

const lists = fc
  .uniqueArray(anyEntry, { maxLength: 12, selector: ({ path }) => path })
  .map((entries) => entries.sort(inListOrder))

const H = 'QxuhxpNnRPZZKJqP9SkvAEpRumqW3OzGXvjweDAY3V8='
const file = (name: string, rest = `1\t2\t${H}`) => `${name}\t${rest}\n`
const listOf = (count: number, body: string) => `jabberfs-list 1\tLieder-7f3a\t17\t${count}\n${body}`

describe('the whole list of a share', () => {
  it('is read as it was written, however its bytes are cut', () => {
    fc.assert(
      fc.property(lists, fc.integer({ min: 1, max: 300 }), (entries, cut) => {
        const bytes = written(entries)
        expect(read(bytes, cut)).to.deep.equal(pruned(entries))
        expect(written(read(bytes))).to.deep.equal(bytes)
      }),
      { numRuns: 100 },
    )
  })

  it('has a head that says whose list it is', () => {
    const reader = new ListReader()
    reader.push(written([]))
    expect(reader.end()).to.deep.equal({ share: 'Lieder-7f3a', seq: 17, entries: 0 })
  })

  it('takes exactly what a publication takes as a path, and as a tag (case 83)', () => {
    const odd = fc
      .array(
        fc.constantFrom(
          'a',
          '.',
          '..',
          '/',
          '\\',
          'é',
          '\u0000',
          '\t',
          '\u009b',
          '\uffff',
          '🎻',
          'x'.repeat(254),
          ' ',
          'Ä',
        ),
        { maxLength: 8 },
      )
      .map((pieces) => pieces.join(''))
    const accepts = (step: () => unknown) => {
      try {
        step()
        return true
      } catch (error) {
        if (error instanceof Malformed || error instanceof BadList) return false
        throw error
      }
    }
    const entry = { path: 'a', size: 1, modified: 2, root: new Uint8Array(32), tags: [] }
    const stanza = (adds: Entry[]) =>
      publish.write({ share: 'Lieder-7f3a', base: 0, seq: 1, removes: [], adds })
    fc.assert(
      fc.property(odd, (path) => {
        // Written without a check of its own, a path with a tab or a line end becomes another list.
        const inList = accepts(() => {
          const [only] = read(written([{ ...entry, path }]))
          if (only?.path !== path) throw new BadList('another')
        })
        expect(inList, JSON.stringify(path)).to.equal(accepts(() => stanza([{ ...entry, path }])))
      }),
      { numRuns: 400 },
    )
    for (const [tag, good] of [
      ['oper', true],
      ['größe', true],
      ['_x', false],
      ['a\u0000', false],
      ['x'.repeat(33), false],
    ] as const) {
      expect(
        accepts(() => read(written([{ ...entry, tags: [tag] }]))),
        tag,
      ).to.equal(good)
      expect(
        accepts(() => stanza([{ ...entry, tags: [tag] }])),
        tag,
      ).to.equal(good)
    }
  })

  const bad: Record<string, string | Uint8Array> = {
    'nothing at all': '',
    'another version': 'jabberfs-list 2\tLieder-7f3a\t17\t0\n',
    'a head with more in it': 'jabberfs-list 1\tLieder-7f3a\t17\t0\t1\n',
    'a share that is none': 'jabberfs-list 1\tx\t17\t0\n',
    'a negative number of change': 'jabberfs-list 1\tLieder-7f3a\t-1\t0\n',
    'more entries than any list has': 'jabberfs-list 1\tLieder-7f3a\t17\t4000000000\n',
    'fewer entries than said': listOf(2, file('a')),
    'more entries than said': listOf(1, file('a') + file('b')),
    'no end of line at the end': listOf(1, file('a')).slice(0, -1),
    'a name twice': listOf(2, file('a') + file('a')),
    'names out of order': listOf(2, file('b') + file('a')),
    'a folder twice': listOf(2, `/f\n${file('a')}/f\n${file('b')}`),
    'folders out of order': listOf(2, `/g\n${file('a')}/f\n${file('b')}`),
    'a folder without files': listOf(1, `/f\n/g\n${file('a')}`),
    'a folder without files at the end': listOf(1, `${file('a')}/g\n`),
    'a folder above': listOf(1, `/..\n${file('a')}`),
    'an absolute folder': listOf(1, `//etc\n${file('passwd')}`),
    'a name that leads out': listOf(1, file('..')),
    'a path where a name is to be': listOf(1, file('a/b')),
    'a type that is none': listOf(1, file('a', `1\t2\t${H}\taudio`)),
    'a number of change above 2^48': 'jabberfs-list 1\tLieder-7f3a\t281474976710657\t0\n',
    'a name with a separator': listOf(1, file('a\u0000b')),
    'an empty name': listOf(1, file('')),
    'a folder 33 deep': listOf(1, `/${Array(33).fill('d').join('/')}\n${file('a')}`),
    'a size that is none': listOf(1, file('a', `1e3\t2\t${H}`)),
    'a size above 16 TiB': listOf(1, file('a', `17592186044417\t2\t${H}`)),
    'no root': listOf(1, file('a', '1\t2')),
    'a root of other length': listOf(1, file('a', '1\t2\tQxuh')),
    'stray bits in the root': listOf(1, file('a', `1\t2\t${H.slice(0, 42)}9=`)),
    'a field too many': listOf(1, file('a', `1\t2\t${H}\taudio/flac\ta\tb`)),
    'an empty field at the end': listOf(1, file('a', `1\t2\t${H}\t`)),
    'a tag twice': listOf(1, file('a', `1\t2\t${H}\t\ta a`)),
    'a tag in capitals': listOf(1, file('a', `1\t2\t${H}\t\tA`)),
    'a line of 9,000 characters': listOf(1, file('x'.repeat(9_000))),
    'an endless line': Buffer.alloc(20_000, 'x'),
    'bytes that are no UTF-8': Buffer.concat([Buffer.from(listOf(1, '')), Buffer.from([0xff, 0xfe, 10])]),
    'half a character at the end': Buffer.concat([Buffer.from(listOf(0, '')), Buffer.from([0xc3])]),
    'a byte order mark': `\ufeff${listOf(0, '')}`,
  }
  for (const [what, text] of Object.entries(bad)) {
    it(`is refused with ${what} (cases 21 and 47)`, () => {
      expect(() => read(text)).to.throw(BadList)
      expect(() => read(text, 1)).to.throw(BadList)
    })
  }

  it('is not written out of order, or with another number of entries than it says', () => {
    const entry = { size: 1, modified: 2, root: new Uint8Array(32), tags: [] }
    const [a, b] = [
      { ...entry, path: 'a' },
      { ...entry, path: 'b' },
    ]
    expect(() => written([b, a])).to.throw(BadList)
    expect(() => [...writeList({ ...head([]), entries: 3 }, [a, b])]).to.throw(BadList)
  })

  it('is in the order of UTF-8, which is not that of JavaScript', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'binary' }), (a, b) => {
        const bytes = Buffer.compare(Buffer.from(a), Buffer.from(b))
        expect(Math.sign(byCodePoint(a, b))).to.equal(bytes)
      }),
    )
    expect(byCodePoint('\uff5e', '🎻')).to.be.below(0)
  })

  it('takes about sixty bytes of the link for each ordinary file', () => {
    let state = 7
    const random = () => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
      return state / 2 ** 32
    }
    const entries: Entry[] = Array.from({ length: 2_000 }, (_, n) => ({
      path: `Gounod/Faust ${1_859 + Math.floor(n / 20)}/CD ${1 + (n % 2)}/${String(n % 20).padStart(2, '0')} – Air ${n}.flac`,
      size: Math.floor(random() * 40_000_000),
      modified: 1_013_545_379 + Math.floor(random() * 1e7),
      root: Uint8Array.from({ length: 32 }, () => random() * 256),
      type: 'audio/flac',
      tags: [],
    }))
    const packed = deflateSync(written(entries.sort(inListOrder)))
    expect(packed.length / entries.length).to.be.below(65)
    expect(read(inflateSync(packed))).to.deep.equal(entries)
  })
})

describe('what an inflater gives', () => {
  it('is stopped when it grows beyond all reason (a bomb)', () => {
    const size = new UnpackedSize()
    size.tookPacked(16_384)
    size.gaveUnpacked(16_384 * maxRatio)
    expect(() => size.gaveUnpacked(1)).to.throw(BadList, 'unpacks to too much')
  })

  it('is stopped at the largest list, packed and unpacked', () => {
    const packed = new UnpackedSize()
    packed.tookPacked(maxPackedBytes)
    expect(() => packed.tookPacked(1)).to.throw(BadList)
    const unpacked = new UnpackedSize()
    unpacked.tookPacked(maxPackedBytes)
    unpacked.gaveUnpacked(2 ** 30)
    expect(() => unpacked.gaveUnpacked(1)).to.throw(BadList)
  })
})
