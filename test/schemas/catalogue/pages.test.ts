/** How large what is written can become: pages, publications, and the one file that is added (cases 34 and 47). */

import { expect } from 'chai'
import fc from 'fast-check'
import {
  asElements,
  asLines,
  bytesOf,
  type Codec,
  type Entry,
  fitting,
  found,
  type Hit,
  hit,
  hitLine,
  listed,
  listing,
  listingLine,
  maxPage,
  maxPublishBytes,
  pageBytes,
  pageBytesInLines,
  publish,
  writtenAhead,
} from '../../../schemas/index.js'
import { entry as anyEntry, hit as anyHit } from './arbitrary.js'

const root = new Uint8Array(32).fill(255)
const page = { first: { mark: 'm'.repeat(64), index: 1_000 }, last: 'm'.repeat(64), count: 2 ** 44 }
const entry: Entry = {
  path: 'Gounod/Faust (1859)/CD 1/01 – Ô merveille.flac',
  size: 48_234_130,
  modified: 1_013_545_379,
  root,
  type: 'audio/flac',
  tags: ['oper'],
}
const largest: Hit = {
  path: Array(4).fill('&'.repeat(255)).join('/'),
  root,
  size: 2 ** 44,
  sources: 2 ** 44,
  online: 2 ** 44,
  type: `${'a'.repeat(63)}/${'b'.repeat(63)}`,
  peer: `${'é'.repeat(511)}@${'x'.repeat(1_023)}`,
  share: 's'.repeat(32),
}

function written<T extends object>(
  items: T[],
  codec: Codec<T>,
  whole: (fit: T[]) => { toString(): string },
): number {
  return Buffer.byteLength(whole(fitting(items, asElements(codec), maxPage)).toString())
}

describe('a page of results', () => {
  it('is the same whether its items were written to be measured before or not, and each is put into one page only (case 34)', () => {
    fc.assert(
      fc.property(fc.array(anyHit, { maxLength: 20, size: 'max' }), (hits) => {
        const alone = String(found.write({ hits, page }))
        for (const one of hits) expect(bytesOf(writtenAhead(hit, one))).to.be.greaterThan(0)
        expect(String(found.write({ hits, page }))).to.equal(alone)
        const again = found.write({ hits, page })
        expect(String(again)).to.equal(alone)
        expect(bytesOf(again)).to.equal(Buffer.byteLength(alone))
      }),
      { numRuns: 60 },
    )
  })

  it('is at most 7.5 KB, whatever is found, where one result leaves room for it (case 34)', () => {
    fc.assert(
      fc.property(fc.array(anyHit, { minLength: 1, maxLength: 120, size: 'max' }), (hits) => {
        const fit = fitting(hits, asElements(hit), maxPage)
        expect(fit.length).to.be.within(1, maxPage)
        expect(fit).to.deep.equal(hits.slice(0, fit.length))
        const bytes = Buffer.byteLength(String(found.write({ hits: fit, page })))
        if (fit.length > 1) expect(bytes).to.be.at.most(pageBytes)
      }),
      { numRuns: 60 },
    )
  })

  it('holds the same for a listing (case 34)', () => {
    fc.assert(
      fc.property(fc.array(anyEntry, { minLength: 2, maxLength: 120, size: 'max' }), (files) => {
        const fit = fitting(files, asElements(listed), maxPage)
        const bytes = Buffer.byteLength(String(listing.write({ folders: [], files: fit, page })))
        if (fit.length > 1) expect(bytes).to.be.at.most(pageBytes)
      }),
      { numRuns: 40 },
    )
  })

  it('is at most 4 KiB in lines, with 250 bytes left for the stanza around it (case 34)', () => {
    const budget = pageBytesInLines
    const lineMarks = {
      ...page,
      first: { mark: 'm'.repeat(27), index: 1_000 },
      last: 'm'.repeat(27),
      count: 1_000,
    }
    const markOf = () => 'm'.repeat(27)
    fc.assert(
      fc.property(fc.array(anyHit, { minLength: 1, maxLength: 120, size: 'max' }), (hits) => {
        const fit = fitting(hits, asLines(hitLine), maxPage, { budget, markOf })
        expect(fit).to.deep.equal(hits.slice(0, fit.length))
        const written = String(found.write({ hits: [], lines: fit, page: lineMarks }))
        if (fit.length > 1) expect(Buffer.byteLength(written)).to.be.at.most(budget - 250)
        expect(String(found.write({ hits: [], lines: fit, page: lineMarks }))).to.equal(written)
      }),
      { numRuns: 40 },
    )
    fc.assert(
      fc.property(fc.array(anyEntry, { minLength: 2, maxLength: 120, size: 'max' }), (files) => {
        const fit = fitting(files, asLines(listingLine), maxPage, { budget, markOf })
        const written = String(listing.write({ folders: [], files: [], lines: fit, page: lineMarks }))
        if (fit.length > 1) expect(Buffer.byteLength(written)).to.be.at.most(budget - 250)
      }),
      { numRuns: 40 },
    )
  })

  it('never comes near 48 KiB, not even with the largest single result there can be (case 34, P18)', () => {
    expect(written([largest, largest], hit, (hits) => found.write({ hits, page }))).to.be.at.most(12_000)
  })

  it('shows more than thirty ordinary results', () => {
    const ordinary: Hit = {
      ...largest,
      path: entry.path,
      peer: 'faust@goethe.example',
      type: 'audio/flac',
      size: 48_234_130,
      sources: 12,
      online: 3,
      share: 'Lieder-7f3a',
    }
    expect(fitting(Array(100).fill(ordinary), asElements(hit), maxPage).length).to.be.greaterThan(30)
  })

  it('is empty when nothing was found, and when none is wanted', () => {
    expect(fitting([], asElements(hit), maxPage)).to.deep.equal([])
    expect(fitting([largest], asElements(hit), 0)).to.deep.equal([])
  })
})

describe('a page whose marks are names', () => {
  it('is no larger for it (case 34)', () => {
    fc.assert(
      fc.property(fc.array(anyEntry, { minLength: 2, maxLength: 120, size: 'max' }), (given) => {
        const files = given.map((file) => ({ ...file, path: file.path.split('/')[0]! }))
        const markOf = ({ path }: Entry) => path
        const fit = fitting(files, asElements(listed), maxPage, { markOf })
        const last = fit.at(-1)!
        const marks = { first: { mark: markOf(fit[0]!), index: 0 }, last: markOf(last), count: 2 ** 44 }
        const bytes = Buffer.byteLength(String(listing.write({ folders: [], files: fit, page: marks })))
        if (fit.length > 1) expect(bytes).to.be.at.most(pageBytes)
      }),
      { numRuns: 40 },
    )
  })
})

describe('a publication', () => {
  const stanza = (adds: Entry[]) =>
    bytesOf(publish.write({ share: 's'.repeat(32), base: 2 ** 47, seq: 2 ** 48, removes: [], adds }))

  it('of one more file is less than 1 kB, with a name of 255 letters of any script in a long path', () => {
    expect(stanza([entry])).to.be.below(320)
    expect(stanza([{ ...entry, path: `Musik/Opern/${'ö'.repeat(255)}` }])).to.be.below(1_000)
  })

  it('of 8 KiB holds some fifty ordinary files', () => {
    const adds = fitting(
      Array.from({ length: 100 }, (_, n) => ({ ...entry, path: `${entry.path} ${n}` })),
      asElements(listed),
      100,
      { budget: maxPublishBytes },
    )
    expect(adds.length).to.be.greaterThan(45)
    expect(stanza(adds)).to.be.at.most(maxPublishBytes)
  })
})
