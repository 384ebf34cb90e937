/** Stanzas that were spoilt on purpose: they are read, or refused as Malformed, and nothing else ever happens. */

import { expect } from 'chai'
import fc from 'fast-check'
import { Malformed, parseXml } from '../../schemas/index.js'
import { codecs, vectorsOf } from './vectors.js'

const seeds = Object.keys(codecs).flatMap((action) =>
  vectorsOf(action, 'valid').map(({ xml }) => ({ codec: codecs[action]!, xml })),
)

const bits = fc.constantFrom(
  ...[
    "'",
    '"',
    '<',
    '>',
    '/',
    '&',
    ';',
    '=',
    ':',
    ' xmlns=""',
    '<![CDATA[',
    ']]>',
    '&#0;',
    '&#xd800;',
    '\0',
    '\u001b',
  ],
  ...[
    '<file/>',
    '</file>',
    'xmlns:x="jabberfs:transfer:1"',
    '__proto__="1"',
    ' constructor="1"',
    '-1',
    '1e9',
    ' ',
  ],
)

/** Cut something out, put something in, or move something. */
const spoiling = fc.record({
  at: fc.nat(),
  length: fc.nat({ max: 30 }),
  put: fc.array(bits, { maxLength: 2 }),
  to: fc.nat(),
})

function spoil(
  text: string,
  { at, length, put, to }: { at: number; length: number; put: string[]; to: number },
): string {
  const from = at % text.length
  const cut = text.slice(from, from + length)
  const rest = text.slice(0, from) + put.join('') + text.slice(from + length)
  const goal = to % (rest.length + 1)
  return to % 3 === 0 ? rest.slice(0, goal) + cut + rest.slice(goal) : rest
}

describe('a stanza that was spoilt', () => {
  it('is read, and then written and read as the same, or is refused as Malformed (cases 20, 21 and 32)', () => {
    let read = 0
    fc.assert(
      fc.property(
        fc.constantFrom(...seeds),
        fc.array(spoiling, { minLength: 1, maxLength: 3 }),
        ({ codec, xml }, spoilings) => {
          const text = spoilings.reduce(spoil, xml)
          try {
            const value = codec.read(parseXml(text))
            expect(codec.read(parseXml(String(codec.write(value))))).to.deep.equal(value)
            read++
          } catch (error) {
            if (!(error instanceof Malformed)) throw error
          }
        },
      ),
      { numRuns: 4_000 },
    )
    expect(read).to.be.greaterThan(100)
  })
})
