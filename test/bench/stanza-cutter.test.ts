/** The cutter of stanzas that the load generator reads its streams with, against chunks of every size. */

import { expect } from 'chai'
import { attributeOf, openingTag, StanzaCutter } from '../../bench/mediator/stanza-cutter.js'

const header = `<?xml version='1.0'?><stream:stream id='a' xmlns='jabber:client'>`
const stanzas = [
  `<stream:features><mechanisms><mechanism>PLAIN</mechanism></mechanisms></stream:features>`,
  `<iq id='q1' type='result'/>`,
  `<iq id="q2" type='set'><offer xmlns='jabberfs:transfer:1' id='o1'><file><filename>a &gt; b</filename></file></offer></iq>`,
  `<presence from='files.localhost'><login/></presence>`,
]

describe('the cutter of stanzas in the load', () => {
  it('gives each stanza whole, however the stream is split', () => {
    const stream = header + stanzas.join('\n')
    for (let size = 1; size < 60; size++) {
      const cut: string[] = []
      const cutter = new StanzaCutter((stanza) => cut.push(stanza.trim()))
      for (let at = 0; at < stream.length; at += size) cutter.push(stream.slice(at, at + size))
      expect(cut, `pieces of ${size}`).to.deep.equal(stanzas)
    }
  })

  it('reads attributes in either quotes, of the opening tag alone', () => {
    const tag = openingTag(stanzas[2]!)
    expect(attributeOf(tag, 'id')).to.equal('q2')
    expect(attributeOf(tag, 'xmlns')).to.equal(undefined)
    expect(attributeOf(stanzas[2]!.slice(tag.length), 'id')).to.equal('o1')
  })
})
