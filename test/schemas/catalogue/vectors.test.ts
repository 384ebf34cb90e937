/** The vectors of the catalogue, both ways, and against the XML schema. */

import { expect } from 'chai'
import { type Codec, catalogueElements, Malformed, parseXml } from '../../../schemas/index.js'
import { compact, folders, schemaRefuses, vectorsOf } from '../vectors.js'

const codecs = catalogueElements as unknown as Record<string, Codec<unknown>>
const set = 'vectors-catalogue'

describe('the vectors of jabberfs:catalogue:1', () => {
  it('there are valid and invalid ones for every element', () => {
    expect(folders(set)).to.deep.equal(Object.keys(codecs).sort())
    for (const name of Object.keys(codecs)) {
      expect(codecs[name]!.name).to.equal(name)
      expect(vectorsOf(name, 'valid', set), name).not.to.deep.equal([])
      expect(vectorsOf(name, 'invalid', set), name).not.to.deep.equal([])
    }
  })

  for (const [element, codec] of Object.entries(codecs)) {
    describe(element, () => {
      for (const { name, xml, expected, canonical } of vectorsOf(element, 'valid', set)) {
        it(`${name}: is read as its JSON says`, () => {
          expect(codec.read(parseXml(xml))).to.deep.equal(expected)
        })

        it(`${name}: is written in the canonical form, which the schema allows`, () => {
          const written = String(codec.write(expected))
          expect(written).to.equal(compact(canonical))
          expect(schemaRefuses(written, set)).to.equal(undefined)
          expect(schemaRefuses(canonical, set)).to.equal(undefined)
        })
      }

      for (const { name, xml, expected } of vectorsOf(element, 'invalid', set)) {
        it(`${name}: is refused with path and reason`, () => {
          const { path, reason, schema } = expected as { path: string; reason: string; schema: string }
          let refusal: unknown
          try {
            codec.read(parseXml(xml))
          } catch (error) {
            refusal = error
          }
          expect(refusal).to.be.instanceOf(Malformed)
          expect(refusal).to.include({ path, reason, message: `${path}: ${reason}`, code: 'malformed' })
          expect(schemaRefuses(xml, set) === undefined ? 'passes' : 'refuses').to.equal(schema)
        })
      }
    })
  }
})
