/** What is refused, and the words of XEPs beside our own. */

import { expect } from 'chai'
import {
  expired,
  field,
  parseXml,
  quota,
  readDiscoInfo,
  readRefusal,
  readVersion,
  refusals,
  retry,
  state,
  writeDiscoInfo,
  writeRefusal,
  writeVersion,
  xml,
} from '../../schemas/index.js'

describe('a refusal', () => {
  it('is read as it was written, for every row of the table', () => {
    for (const { condition, type } of Object.values(refusals)) {
      expect(readRefusal(parseXml(String(writeRefusal({ condition, type }))))).to.deep.equal({
        condition,
        type,
      })
    }
  })

  it('of a kind nobody knows, or without an error element at all, is an unknown one (case 7)', () => {
    const unknown = { condition: 'undefined-condition', type: 'cancel' }
    expect(readRefusal(undefined)).to.deep.equal(unknown)
    expect(readRefusal(xml('error'))).to.deep.equal(unknown)
    expect(readRefusal(parseXml("<error type='maybe'><constructor/>text</error>"))).to.deep.equal(unknown)
  })

  it('leaves out an application condition that is not well made', () => {
    for (const app of [
      xml('retry', { xmlns: 'jabberfs:transfer:1', after: '1e9' }),
      xml('quota', { xmlns: 'jabberfs:transfer:1', used: 1 }),
    ]) {
      expect(readRefusal(writeRefusal({ condition: 'conflict', type: 'cancel', app }))).to.deep.equal({
        condition: 'conflict',
        type: 'cancel',
      })
    }
    const foreign = xml('expired', { xmlns: 'urn:example:other' })
    expect(readRefusal(writeRefusal({ condition: 'conflict', type: 'cancel', app: foreign })).app).to.equal(
      undefined,
    )
  })

  it('makes nobody wait longer than an hour (case 50, P21)', () => {
    const app = retry({ afterSeconds: 10 ** 12 })
    expect(readRefusal(writeRefusal({ condition: 'policy-violation', type: 'wait', app })).app).to.deep.equal(
      {
        name: 'retry',
        afterSeconds: 3_600,
      },
    )
  })

  it('has small elements beside the condition', () => {
    expect(String(field('offer/@id'))).to.equal('<field xmlns="jabberfs:transfer:1" name="offer/@id"/>')
    expect(String(state('running', 2))).to.equal(
      '<state xmlns="jabberfs:transfer:1" attempt="2">running</state>',
    )
    expect(String(quota(16, 16))).to.equal('<quota xmlns="jabberfs:transfer:1" used="16" max="16"/>')
    expect(String(retry({ afterSeconds: 0.2 }))).to.equal('<retry xmlns="jabberfs:transfer:1" after="1"/>')
    expect(String(expired())).to.equal('<expired xmlns="jabberfs:transfer:1"/>')
  })
})

describe('the words of discovery', () => {
  const info = {
    identities: [{ category: 'store', type: 'file', name: 'jabberFS' }],
    features: ['http://jabber.org/protocol/disco#info', 'jabberfs:transfer:1'],
    forms: [
      {
        formType: 'jabberfs:transfer:1',
        fields: { 'max-file-size': ['17592186044416'], algorithms: ['a', 'b'] },
      },
    ],
  }

  it('are read as they were written', () => {
    expect(readDiscoInfo(parseXml(String(writeDiscoInfo(info))))).to.deep.equal(info)
    const version = { name: 'jabberFS', version: '0.1.0' }
    expect(readVersion(parseXml(String(writeVersion(version))))).to.deep.equal(version)
  })

  it('are bounded when a stranger says them', () => {
    const features = Array.from({ length: 5_000 }, (_, index) => `urn:example:${index}`)
    expect(readDiscoInfo(writeDiscoInfo({ ...info, features })).features.length).to.be.lessThan(300)
  })
})
