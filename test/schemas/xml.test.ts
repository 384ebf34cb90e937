/** The one place that knows ltx: its class, its namespaces, its limits. */

import { createRequire } from 'node:module'
import { expect } from 'chai'
import { Element, isElement, Malformed, namespaceOf, offer, parseXml, xml } from '../../schemas/index.js'

const require = createRequire(import.meta.url)

function reasonFor(text: string, limits?: Parameters<typeof parseXml>[1]): string {
  try {
    parseXml(text, limits)
    return 'taken'
  } catch (error) {
    expect(error).to.be.instanceOf(Malformed)
    return (error as Malformed).reason
  }
}

describe('an element of ours', () => {
  it('is of the class that every copy of @xmpp/xml checks and serialises', () => {
    const fromCore = createRequire(require.resolve('@xmpp/component-core'))
    expect(require('@xmpp/xml').Element).to.equal(Element)
    expect(fromCore('@xmpp/xml').Element).to.equal(Element)
    expect(createRequire(require.resolve('@xmpp/component'))('@xmpp/xml').Element).to.equal(Element)
    expect(xml('a')).to.be.instanceOf(Element)
  })

  it('leaves out what is undefined, and leaves the given attributes alone', () => {
    const attrs = { a: 'x', b: undefined, n: 5 }
    expect(String(xml('e', attrs, undefined, 'text', false, 7, xml('c')))).to.equal(
      '<e a="x" n="5">text7<c/></e>',
    )
    expect(attrs).to.deep.equal({ a: 'x', b: undefined, n: 5 })
  })
})

describe('a namespace', () => {
  it('is not inherited past an empty declaration', () => {
    const outer = parseXml("<a xmlns='jabberfs:transfer:1'><b xmlns=''><c/></b><d/></a>")
    const [b, d] = outer.children as Element[]
    expect(namespaceOf(b!)).to.equal(undefined)
    expect(namespaceOf(b!.children[0] as Element)).to.equal(undefined)
    expect(isElement(d!, 'd', 'jabberfs:transfer:1')).to.equal(true)
  })

  it('follows prefixes', () => {
    const outer = parseXml("<x:a xmlns:x='one' xmlns='two'><b/><x:c/><y:d/></x:a>")
    expect((outer.children as Element[]).map(namespaceOf)).to.deep.equal(['two', 'one', undefined])
  })

  it('of an action must be ours exactly (case 16)', () => {
    for (const ns of [
      'jabberfs:transfer:2',
      'jabberfs:transfer:1 ',
      'JABBERFS:transfer:1',
      '',
      'jabber:iq:oob',
    ]) {
      const text = `<offer xmlns='${ns}'><file><filename>a</filename><filesize>1</filesize></file></offer>`
      expect(() => offer.read(parseXml(text))).to.throw(Malformed, 'not this element')
    }
  })
})

describe('a text that is parsed', () => {
  it('has no comment, processing instruction, document type or unknown entity (case 31)', () => {
    for (const text of [
      '<a><!-- c --></a>',
      "<?xml version='1.0'?><a/>",
      '<a><?p i?></a>',
      '<!DOCTYPE a><a/>',
      "<!DOCTYPE a [<!ENTITY l 'lol'>]><a>&l;</a>",
    ]) {
      expect(reasonFor(text)).to.equal('restricted XML')
    }
    expect(reasonFor('<a>&lol;</a>')).to.equal('not well-formed')
  })

  it('has no reference to a character that XML does not have (case 32)', () => {
    for (const text of ['<a>&#1;</a>', '<a>&#xFFFF;</a>', '<a>&#xD800;</a>', "<a b='&#0;'/>"]) {
      expect(reasonFor(text)).to.equal('not well-formed')
    }
  })

  it('is bounded in length, depth, elements and attributes (cases 27 and 28)', () => {
    expect(reasonFor('<a>'.repeat(24_000) + '</a>'.repeat(24_000))).to.equal('too deep')
    expect(reasonFor(`<a>${'<b/>'.repeat(30_000)}</a>`)).to.equal('too many elements')
    expect(reasonFor(`<a ${Array.from({ length: 1_000 }, (_, i) => `a${i}='x'`).join(' ')}/>`)).to.equal(
      'too many attributes',
    )
    expect(reasonFor(`<a b='${'"'.repeat(300_000)}'/>`)).to.equal('too long')
  })

  it('is one element, whole and well nested', () => {
    for (const [text, reason] of [
      ['', 'not complete'],
      ['<a>', 'not complete'],
      ['<a/', 'not complete'],
      ['a', 'not complete'],
      ['<a/>b', 'not complete'],
      ['<a></b>', 'not well-formed'],
      ['</a>', 'not well-formed'],
      ['<a><b></a></b>', 'not well-formed'],
      ['<a/><b/>', 'more than one element'],
      ['b<a/>', 'text outside the element'],
      [' <a/>\n', 'taken'],
    ] as const) {
      expect(reasonFor(text), text).to.equal(reason)
    }
  })
})
