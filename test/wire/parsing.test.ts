/** What the parser makes of a stream: the same stanzas in whatever pieces, within its caps, in linear time. */
import { expect } from 'chai'
import fc from 'fast-check'
import type { Element } from '../../schemas/xml.js'
import { componentLimits } from '../../wire/index.js'
import { serialise } from '../../wire/serialise.js'
import { StreamFault } from '../../wire/xml/fault.js'
import { type StanzaHead, StanzaParser } from '../../wire/xml/stanza-parser.js'
import { Utf8Decoder } from '../../wire/xml/utf8.js'
import { randomRuns } from './random-runs.js'

const head =
  "<?xml version='1.0'?><stream:stream xmlns='jabber:component:accept' xmlns:stream='http://etherx.jabber.org/streams' id='1'>"

interface Read {
  elements: Element[]
  heads: StanzaHead[]
  ended: boolean
  fault: StreamFault | undefined
}

function read(
  bytes: Buffer,
  cut: (at: number) => number = (at) => at + bytes.length,
  limits = componentLimits,
): Read {
  const parser = new StanzaParser(limits)
  const decoder = new Utf8Decoder()
  const result: Read = { elements: [], heads: [], ended: false, fault: undefined }
  parser.on('element', (element) => result.elements.push(element))
  parser.on('oversize', (over) => result.heads.push(over))
  parser.on('end', () => {
    result.ended = true
  })
  try {
    for (let at = 0; at < bytes.length; ) {
      const next = Math.max(at + 1, cut(at))
      parser.write(decoder.write(bytes.subarray(at, next)))
      at = next
    }
  } catch (error) {
    if (!(error instanceof StreamFault)) throw error
    result.fault = error
  }
  return result
}

const readText = (text: string, limits = componentLimits) => read(Buffer.from(head + text), undefined, limits)
const each = (size: number) => (at: number) => at + size

describe('the stream parser', () => {
  it('gives the same stanzas however the bytes are cut, at every byte of multi-byte characters (case 30)', () => {
    const stanza = `<iq id='ä' type="set"><q xmlns='x' n='„€𝄞'>grüße &amp; <b>𐍈&#x1F600;</b><![CDATA[]]x]]>]]&gt;</q></iq>`
    const bytes = Buffer.from(`${head}${stanza} \n${stanza}</stream:stream>`)
    const whole = read(bytes)
    expect(whole.elements.map(String)).to.have.length(2)
    expect(whole.elements[0]?.getChild('q')?.getText()).to.equal('grüße & ]]x]]>')
    for (let at = 1; at < bytes.length; at++) {
      const cut = read(bytes, (from) => (from < at ? at : bytes.length))
      expect(cut.fault).to.equal(undefined)
      expect(cut.ended).to.equal(true)
      expect(cut.elements.map((element) => element.toString())).to.deep.equal(
        whole.elements.map((element) => element.toString()),
      )
    }
    const single = read(bytes, each(1))
    expect(single.elements.map(serialise)).to.deep.equal(whole.elements.map(serialise))
    expect(single.elements[0]?.getChild('q')?.children.length).to.equal(
      whole.elements[0]?.getChild('q')?.children.length,
    )
  })

  it('reads back whatever text and attributes we write, in pieces of any size (cases 30, 35)', () => {
    const text = fc
      .string({ unit: 'grapheme', maxLength: 40 })
      .filter((value) => !/[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/.test(value))
    randomRuns(
      fc.property(text, text, fc.integer({ min: 1, max: 9 }), (value, inside, size) => {
        const parser = new StanzaParser(componentLimits)
        let got: Element | undefined
        parser.on('element', (element) => {
          got = element
        })
        const element = {
          name: 'm',
          attrs: { a: value },
          children: inside === '' ? [] : [inside],
        } as unknown as Element
        const bytes = Buffer.from(head + serialise(element))
        const decoder = new Utf8Decoder()
        for (let at = 0; at < bytes.length; at += size)
          parser.write(decoder.write(bytes.subarray(at, at + size)))
        expect(got?.attrs.a).to.equal(value)
        expect(got?.getText()).to.equal(inside)
      }),
    )
  })

  it('takes time in proportion to the bytes, in one-byte and in 1400-byte pieces, 1.5 MB in one stanza (case 29)', () => {
    const limits = { ...componentLimits, stanza: 4e6 }
    const bytes = Buffer.from(
      `${head}<iq a='${'x'.repeat(700_000)}'>${'y&amp;'.repeat(130_000)}<![CDATA[${']'.repeat(200_000)}]]></iq>`,
    )
    // A scanner that goes back over what it holds would need hours for this, and run into the test's time limit.
    const looked = (size: number) => {
      const { elements } = read(bytes, each(size), limits)
      return [elements[0]?.attrs.a?.length, elements[0]?.getText().length]
    }
    expect(looked(1)).to.deep.equal([700_000, 460_000])
    expect(looked(1400)).to.deep.equal([700_000, 460_000])
  })

  it('drops a stanza over a cap, remembers its head, and reads on (cases 26, 27, 28)', () => {
    const monsters = {
      quotes: `<a b='${'"'.repeat(250_000)}'/>`,
      'quotes in the head': '',
      nested: '<a>'.repeat(24_000) + '</a>'.repeat(24_000),
      siblings: '<a/>'.repeat(30_000),
      attributes: `<a ${Array.from({ length: 1_000 }, (_, n) => `a${n}='1'`).join(' ')}/>`,
      text: 'x'.repeat(100_000),
      cdata: `<![CDATA[${'] ]]'.repeat(50_000)}]]>`,
      name: `<${'n'.repeat(70_000)}/>`,
      'attribute name': `<a ${'n'.repeat(70_000)}=''/>`,
    }
    for (const [what, inside] of Object.entries(monsters)) {
      const extra = what === 'quotes in the head' ? ` x='${'"'.repeat(250_000)}'` : ''
      for (const order of [
        `${extra} id='7' from='f@x/y' to='c' type='set'`,
        `id='7' from='f@x/y' to='c' type='set'${extra}`,
      ]) {
        const bytes = Buffer.from(`${head}<iq ${order}>${inside}</iq><iq id='8'/>`)
        for (const size of [bytes.length, 65_536, 1_400]) {
          const { elements, heads, fault } = read(bytes, each(size))
          expect(fault, what).to.equal(undefined)
          expect(heads, what).to.deep.equal([{ name: 'iq', id: '7', from: 'f@x/y', to: 'c', type: 'set' }])
          expect(elements.map(({ attrs }) => attrs.id)).to.deep.equal(['8'])
        }
      }
    }
  })

  it('takes a stanza exactly at each cap, and none above (cases 26–28)', () => {
    const limits = { ...componentLimits, stanza: 1000, depth: 5, elements: 20, attributes: 4 }
    const fits = (stanza: string) => readText(stanza, limits).elements.length === 1
    const ofLength = (length: number) => `<iq>${'x'.repeat(length - 9)}</iq>`
    expect([fits(ofLength(1000)), fits(ofLength(1001))]).to.deep.equal([true, false])
    const deep = (depth: number) => '<a>'.repeat(depth) + '</a>'.repeat(depth)
    expect([fits(deep(5)), fits(deep(6))]).to.deep.equal([true, false])
    const wide = (count: number) => `<iq>${'<a/>'.repeat(count - 1)}</iq>`
    expect([fits(wide(20)), fits(wide(21))]).to.deep.equal([true, false])
    const many = (count: number) => `<iq ${Array.from({ length: count }, (_, n) => `a${n}=''`).join(' ')}/>`
    expect([fits(many(4)), fits(many(5))]).to.deep.equal([true, false])
  })

  it('does not remember an id that could not be answered under our own cap (case 26)', () => {
    for (const size of [1e9, 100]) {
      const bytes = Buffer.from(
        `${head}<iq from='f@x' id='${'"'.repeat(250_000).replaceAll('"', '&quot;')}' type='get'/>`,
      )
      expect(read(bytes, each(size)).heads).to.deep.equal([
        { name: 'iq', id: undefined, from: 'f@x', to: undefined, type: 'get' },
      ])
    }
  })

  it('refuses document types, entities, instructions and comments, and expands nothing (case 31)', () => {
    const bomb = `<!DOCTYPE a [<!ENTITY b "${'x'.repeat(1000)}"><!ENTITY c "&b;&b;&b;&b;">]>`
    const bad = [
      read(Buffer.from(`<?xml version='1.0'?>${bomb}<stream:stream>`)),
      readText('<!-- a -->'),
      readText('<iq><!-- a --></iq>'),
      readText('<iq><?php 1 ?></iq>'),
      readText('<?xml version="1.0"?><iq/>'),
      readText('<iq>&c;</iq>'),
      readText('<iq a="&nbsp;"/>'),
      readText('<![CDATA[x]]>'),
    ]
    for (const { fault, elements } of bad) {
      expect(fault?.condition).to.equal('restricted-xml')
      expect(elements).to.deep.equal([])
    }
  })

  it('refuses what is no XML: characters, references, lone surrogates, bytes that are no UTF-8, broken tags (case 32)', () => {
    const wrong: (string | Buffer)[] = [
      '<iq>&#1;</iq>',
      '<iq>&#xFFFF;</iq>',
      '<iq>&#xD800;</iq>',
      '<iq>&#x110000;</iq>',
      '<iq>&#;</iq>',
      '<iq>&#x;</iq>',
      '<iq>& </iq>',
      '<iq a="&amp"/>',
      '<iq>\x01</iq>',
      '<iq>\uffff</iq>',
      Buffer.from([0x3c, 0x61, 0x3e, 0xed, 0xa0, 0x80, 0x3c]),
      Buffer.from([0x3c, 0x61, 0x3e, 0xff, 0x3c]),
      Buffer.from([0x3c, 0x61, 0x3e, 0xc0, 0xaf]),
      '<iq><a></b></iq>',
      '</iq>',
      '<iq a=1/>',
      '<iq a/>',
      '<iq a="<"/>',
      '<iq a="1" a="2"/>',
      '<1/>',
      '< iq/>',
      '<iq / >',
      'text',
      '<iq"/>',
    ]
    for (const piece of wrong) {
      const bytes = Buffer.concat([Buffer.from(head), Buffer.from(piece as string)])
      for (const size of [bytes.length, 1]) {
        expect(read(bytes, each(size)).fault?.condition, String(piece)).to.equal('not-well-formed')
      }
    }
  })

  it('never takes garbage for anything, nor throws anything but a fault (cases 31, 32)', () => {
    const pieces = [
      '<',
      '>',
      '/',
      '=',
      '"',
      "'",
      '&',
      ';',
      '!',
      '?',
      '[CDATA[',
      ']]>',
      'iq',
      ' ',
      'x',
      '&amp;',
      '--',
      '</stream:stream>',
      'é',
    ]
    randomRuns(
      fc.property(
        fc.array(fc.constantFrom(...pieces), { maxLength: 60 }),
        fc.integer({ min: 1, max: 8 }),
        (parts, size) => {
          const bytes = Buffer.from(head + parts.join(''))
          const whole = read(bytes)
          const cut = read(bytes, each(size))
          expect(cut.fault?.condition).to.equal(whole.fault?.condition)
          expect(cut.elements.map(serialise).slice(0, whole.elements.length)).to.deep.equal(
            whole.elements.map(serialise),
          )
        },
      ),
    )
  })

  it('ignores everything after the end of the stream', () => {
    const { elements, ended, fault } = readText("<iq id='1'/></stream:stream><iq id='2'/><<<&")
    expect([elements.length, ended, fault]).to.deep.equal([1, true, undefined])
  })

  it('goes on behind a stanza whose listener throws', () => {
    const parser = new StanzaParser(componentLimits)
    const seen: (string | undefined)[] = []
    parser.on('element', ({ attrs }: Element) => {
      seen.push(attrs.id)
      if (attrs.id === '1') throw new Error('ours')
    })
    expect(() => parser.write(`${head}<iq id='1'/><iq id='2'/><iq `)).to.throw('ours')
    parser.write("id='3'/>")
    expect(seen).to.deep.equal(['1', '2', '3'])
  })
})
