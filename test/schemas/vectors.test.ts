/** The vectors, both ways, and against the XML schema. */

import { expect } from 'chai'
import { Malformed, parseXml, readRefusal, writeRefusal } from '../../schemas/index.js'
import { childElements } from '../../schemas/xml.js'
import { codecs, compact, folders, schemaRefuses, vectorsOf } from './vectors.js'

describe('the vectors of jabberfs:transfer:1', () => {
  it('there are valid and invalid ones for every stanza', () => {
    expect(folders()).to.deep.equal([...Object.keys(codecs), 'refusal'].sort())
    for (const action of Object.keys(codecs)) {
      expect(vectorsOf(action, 'valid'), action).not.to.deep.equal([])
      expect(vectorsOf(action, 'invalid'), action).not.to.deep.equal([])
    }
  })

  for (const [action, codec] of Object.entries(codecs)) {
    describe(action, () => {
      for (const { name, xml, expected, canonical } of vectorsOf(action, 'valid')) {
        it(`${name}: is read as its JSON says`, () => {
          expect(codec.read(parseXml(xml))).to.deep.equal(expected)
        })

        it(`${name}: is written in the canonical form, which the schema allows`, () => {
          const written = String(codec.write(expected))
          expect(written).to.equal(compact(canonical))
          expect(schemaRefuses(written)).to.equal(undefined)
          expect(schemaRefuses(canonical)).to.equal(undefined)
        })
      }

      for (const { name, xml, expected } of vectorsOf(action, 'invalid')) {
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
          expect(schemaRefuses(xml) === undefined ? 'passes' : 'refuses').to.equal(schema)
        })
      }
    })
  }

  describe('refusal', () => {
    for (const { name, xml, expected } of vectorsOf('refusal', 'valid')) {
      it(`${name}: is read as its JSON says, and written again`, () => {
        const error = parseXml(xml)
        const refusal = readRefusal(error)
        expect(refusal).to.deep.equal(expected)
        const app = childElements(error).find(({ attrs }) => attrs.xmlns?.includes('xmpp-stanzas') === false)
        expect(String(writeRefusal({ ...refusal, app }))).to.equal(compact(xml))
        if (app && !app.attrs.xmlns?.startsWith('urn:'))
          expect(schemaRefuses(String(app))).to.equal(undefined)
      })
    }
  })
})
