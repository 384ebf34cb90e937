/** What is written is read as the same value, whatever it is; fast-check prints its seed when it finds otherwise. */

import { expect } from 'chai'
import fc from 'fast-check'
import { actions, offer, parseXml, readAction, writeAction, xml } from '../../schemas/index.js'
import { arbitrary, carriedText, pruned } from './arbitrary.js'
import { codecs, schemaRefuses } from './vectors.js'

describe('a stanza that was written', () => {
  for (const name of Object.keys(actions)) {
    it(`${name}: is read as the same value, from the element and from its text`, () => {
      fc.assert(
        fc.property(arbitrary[name]!, (value) => {
          const codec = codecs[name]!
          const element = codec.write(value)
          const wanted = pruned(value)
          expect(codec.read(element)).to.deep.equal(wanted)
          const reparsed = parseXml(String(element))
          expect(codec.read(reparsed)).to.deep.equal(wanted)
          expect(String(codec.write(codec.read(reparsed)))).to.equal(String(element))
        }),
        { numRuns: 150 },
      )
    })

    it(`${name}: is what the schema allows`, () => {
      fc.assert(
        fc.property(arbitrary[name]!, (value) => {
          expect(schemaRefuses(String(codecs[name]!.write(value)))).to.equal(undefined)
        }),
        { numRuns: 40 },
      )
    })
  }

  it('is read alike inside a stanza, under whatever its parents declare', () => {
    fc.assert(
      fc.property(arbitrary.accept!, (value) => {
        const action = { action: 'accept', value } as Parameters<typeof writeAction>[0]
        const stanza = xml('iq', { xmlns: 'jabber:client', type: 'set' }, writeAction(action))
        const payload = parseXml(String(stanza)).children[0]
        expect(readAction(payload as ReturnType<typeof xml>)).to.deep.equal(pruned(action))
      }),
      { numRuns: 50 },
    )
  })

  it('carries text with markup, quotes, newlines and ]]> unchanged, also through another parser (case 35, P14)', () => {
    fc.assert(
      fc.property(carriedText(1_024), (desc) => {
        const element = offer.write({
          every: false,
          desc,
          files: [{ filename: 'a', filesize: 1, hashes: [], rootLater: false }],
        })
        expect(offer.read(parseXml(String(element))).desc).to.equal(desc)
        // libxml2 is no relation of ltx: what it takes for well-formed, a server does.
        expect(schemaRefuses(String(element))).to.equal(undefined)
      }),
      { numRuns: 300 },
    )
  })

  it('has its line ends turned into newlines, as every parser on the way would do', () => {
    const files = [{ filename: 'a', filesize: 1, hashes: [], rootLater: false }]
    const element = offer.write({ every: false, desc: 'a\r\nb\rc', files })
    expect(offer.read(element).desc).to.equal('a\nb\nc')
    expect(String(element)).not.to.contain('\r')
  })
})
