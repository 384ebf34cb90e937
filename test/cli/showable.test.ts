/** What peers wrote, as a person may see it. */

import { expect } from 'chai'
import fc from 'fast-check'
import { jsonLine, maxColumns, showable } from '../../cli/showable.js'

describe('text of peers on a terminal (P14)', () => {
  it('escapes what moves the cursor, colours, rings or breaks the line (case 87)', () => {
    expect(showable('a\x1b[31mb')).to.equal('a\\x1b[31mb')
    expect(showable('a\nb\rc\td\x07\0')).to.equal('a\\x0ab\\x0dc\\x09d\\x07\\x00')
    expect(showable('\x9b2J')).to.equal('\\x9b2J')
    expect(showable('a\u2028b\u2029')).to.equal('a\\u{2028}b\\u{2029}')
  })

  it('escapes what turns the writing round or is not seen, and lone surrogates', () => {
    expect(showable('photo\u202egpj.exe')).to.equal('photo\\u{202e}gpj.exe')
    expect(showable('a\u200bb\ufeffc\u00ad')).to.equal('a\\u{200b}b\\u{feff}c\\xad')
    expect(showable('x\ud800y')).to.equal('x\\u{d800}y')
    expect(showable('a\u00a0b')).to.equal('a\\xa0b')
    expect(showable('\u{e0041}')).to.equal('\\u{e0041}')
  })

  it('leaves other scripts, marks and emoji as they are, and doubles the backslash', () => {
    expect(showable('Gretchen — Straße 東京 Москва é e\u0301 🎻')).to.equal(
      'Gretchen — Straße 東京 Москва é e\u0301 🎻',
    )
    expect(showable('\\x1b')).to.equal('\\\\x1b')
  })

  it('cuts the middle, so that the extension is always in sight', () => {
    const shown = showable(`${'a'.repeat(1_000)}.tar.gz`)
    expect(shown).to.have.length(maxColumns)
    expect(shown).to.match(/^a+…a+\.tar\.gz$/)
    expect(showable(`${'東'.repeat(300)}.jpg`)).to.match(/\.jpg$/)
    expect(showable(`${'\x1b'.repeat(300)}.jpg`)).to.match(/\.jpg$/)
    expect(showable('x'.repeat(2_000_000)).length).to.equal(maxColumns)
    expect(showable(`a${'\u0301'.repeat(5_000)}.jpg`).length).to.be.at.most(maxColumns)
  })

  it('gives one printable line of at most 200 columns for any text whatever (case 106)', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 600 }), (text) => {
        const shown = showable(text)
        expect([...shown].length).to.be.at.most(maxColumns)
        expect(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u.test(shown)).to.equal(false)
      }),
    )
  })

  it('as JSON keeps the text and shows a terminal nothing to obey', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        const line = jsonLine({ text })
        expect(JSON.parse(line)).to.deep.equal({ text })
        expect(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(line)).to.equal(false)
      }),
    )
  })
})
