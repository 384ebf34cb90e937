/** What is written is read as the same value; what is spoilt is refused as Malformed, or read, and nothing else. */

import { expect } from 'chai'
import fc from 'fast-check'
import { type Codec, catalogueElements, Malformed, parseXml } from '../../../schemas/index.js'
import { pruned } from '../arbitrary.js'
import { schemaRefuses, vectorsOf } from '../vectors.js'
import { arbitrary } from './arbitrary.js'

const codecs = catalogueElements as unknown as Record<string, Codec<unknown>>
const set = 'vectors-catalogue'

describe('an element of the catalogue that was written', () => {
  for (const [name, codec] of Object.entries(codecs)) {
    it(`${name}: is read as the same value, from the element and from its text (case 35, P14)`, () => {
      fc.assert(
        fc.property(arbitrary[name]!, (value) => {
          const element = codec.write(value)
          const wanted = pruned(value)
          expect(codec.read(element)).to.deep.equal(wanted)
          const reparsed = parseXml(String(element))
          expect(codec.read(reparsed)).to.deep.equal(wanted)
          expect(String(codec.write(codec.read(reparsed)))).to.equal(String(element))
        }),
        { numRuns: 60 },
      )
    })

    it(`${name}: is what the schema allows`, () => {
      fc.assert(
        fc.property(arbitrary[name]!, (value) => {
          expect(schemaRefuses(String(codec.write(value)), set)).to.equal(undefined)
        }),
        { numRuns: 25 },
      )
    })
  }
})

/** Attributes and children whose content is a number. */
const numbers = [
  { name: 'held', xml: (n: string) => `share='Lieder-7f3a' seq='${n}'/>` },
  { name: 'registered', xml: (n: string) => `id='0cc175b9c0f1b6a831c399e269772661' ttl='${n}'/>` },
  { name: 'publish', xml: (n: string) => `share='Lieder-7f3a' base='${n}' seq='281474976710656'/>` },
  { name: 'publish', xml: (n: string) => `share='Lieder-7f3a' base='0' seq='${n}'/>` },
  { name: 'search', xml: (n: string) => `><words>a</words><size min='${n}'/></search>` },
  {
    name: 'search',
    xml: (n: string) =>
      `><words>a</words><set xmlns='http://jabber.org/protocol/rsm'><max>${n}</max></set></search>`,
  },
  { name: 'tag-list', xml: (n: string) => `><tag n='${n}'>a</tag></tag-list>` },
  { name: 'matched', xml: (n: string) => `id='w' more='${n}'/>` },
  {
    name: 'found',
    xml: (n: string) => `><set xmlns='http://jabber.org/protocol/rsm'><count>${n}</count></set></found>`,
  },
]

describe('a number of the catalogue', () => {
  it('is refused wherever it is none, or beyond all bounds (case 21, P21)', () => {
    const none = [
      '-1',
      '9007199254740992',
      '1e3',
      'NaN',
      '0x10',
      ' 5',
      '+5',
      `1${'0'.repeat(30)}`,
      '',
      '٣',
      '1.0',
      '007',
    ]
    for (const { name, xml } of numbers) {
      for (const text of none) {
        const element = parseXml(`<${name} xmlns='jabberfs:catalogue:1' ${xml(text)}`)
        expect(() => codecs[name]!.read(element), `${name} ${text}`).to.throw(Malformed)
      }
    }
  })
})

const seeds = Object.keys(codecs).flatMap((name) =>
  vectorsOf(name, 'valid', set).map(({ xml }) => ({ codec: codecs[name]!, xml })),
)
const bits = fc.constantFrom(
  "'",
  '"',
  '<',
  '>',
  '/',
  '&',
  ' xmlns=""',
  ']]>',
  '&#0;',
  '\0',
  '\n',
  '../',
  '-1',
  '1e9',
  '<rm/>',
  'ﬀ',
)
const spoiling = fc.record({
  at: fc.nat(),
  length: fc.nat({ max: 20 }),
  put: fc.array(bits, { maxLength: 2 }),
})

describe('an element of the catalogue that was spoilt', () => {
  it('is read, and then written and read as the same, or is refused as Malformed (cases 20, 21 and 32)', () => {
    let read = 0
    fc.assert(
      fc.property(
        fc.constantFrom(...seeds),
        fc.array(spoiling, { minLength: 1, maxLength: 2 }),
        ({ codec, xml }, spoilings) => {
          const text = spoilings.reduce((before, { at, length, put }) => {
            const from = at % before.length
            return before.slice(0, from) + put.join('') + before.slice(from + length)
          }, xml)
          try {
            const value = codec.read(parseXml(text))
            expect(codec.read(parseXml(String(codec.write(value))))).to.deep.equal(value)
            read++
          } catch (error) {
            if (!(error instanceof Malformed)) throw error
          }
        },
      ),
      { numRuns: 2_000 },
    )
    expect(read).to.be.greaterThan(50)
  })
})
