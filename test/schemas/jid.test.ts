/** Addresses: taken apart, folded, refused. */

import { expect } from 'chai'
import fc from 'fast-check'
import { bareJid, foldJid, maxJidBytes, parseJid, stampedJid } from '../../schemas/index.js'

describe('a JID', () => {
  it('is taken apart into local part, domain and resource', () => {
    expect(parseJid('faust@goethe.example/Studierzimmer/am@Pult')).to.deep.equal({
      local: 'faust',
      domain: 'goethe.example',
      resource: 'Studierzimmer/am@Pult',
      bare: 'faust@goethe.example',
      full: 'faust@goethe.example/Studierzimmer/am@Pult',
    })
    expect(parseJid('files.goethe.example')?.local).to.equal(undefined)
    expect(bareJid('goethe.example/x')).to.equal('goethe.example')
  })

  it('is folded as servers stamp it, but for the resource', () => {
    expect(foldJid('Faust@GOETHE.Example/Pult')).to.equal('faust@goethe.example/Pult')
    expect(foldJid('ＦＡＵＳＴ@ÖSTERREICH.example')).to.equal('faust@österreich.example')
    expect(foldJid('faust@goethe.example.')).to.equal('faust@goethe.example')
    expect(foldJid('ﬁnk@goethe.example')).to.equal('fink@goethe.example')
  })

  it('keeps the capitals that servers keep: their small letters are younger than Unicode 3.2', () => {
    const kept = [0x4c0, 0x2132, 0x2183]
    for (let letter = 0x10a0; letter <= 0x10c5; letter++) kept.push(letter)
    for (let letter = 0x13a0; letter <= 0x13f4; letter++) kept.push(letter)
    expect(kept).to.have.length(126)
    for (const letter of kept) {
      const name = `a${String.fromCodePoint(letter)}b`
      expect(foldJid(`A${name}B@${name}.example/R`), name).to.equal(`a${name}b@${name}.example/R`)
    }
  })

  it('that a server has stamped is nobody else’s, whatever our own tables know (P21)', () => {
    expect(stampedJid('faust@goethe.example/Pult')?.bare).to.equal('faust@goethe.example')
    expect(stampedJid('ᏣᎳᎩ@goethe.example/1')?.bare).to.equal('ᏣᎳᎩ@goethe.example')
    for (const given of ['\u1d43lice@h/r', 'alice\u2c7c@h/r', 'Alice@h/r', 'alice@\u1d34.example', 'a b@h']) {
      expect(stampedJid(given), given).to.equal(undefined)
    }
  })

  it('may have an address of IP for its domain', () => {
    expect(foldJid('a@127.0.0.1')).to.equal('a@127.0.0.1')
    expect(foldJid('a@[2001:DB8::1]/r')).to.equal('a@[2001:db8::1]/r')
  })

  it('is refused when a part is empty, too long or has what addresses never have', () => {
    const bad = [
      '',
      '@',
      'a@',
      '@b',
      'a@b/',
      '/r',
      'a@b@c',
      'a b@c',
      'a@b c',
      'a"@b',
      "a'@b",
      'a&@b',
      'a<b>@c',
      'a:b@c',
      'a@b:5222',
      'a\0@b',
      'a@b/\u0001',
      'a@b/\ud800',
      'a@b\n',
      'a@.b',
      'a@b..c',
      'a@[zz]',
      'a\u202eb@c',
      'a@b\\c',
      `${'a'.repeat(1_024)}@b`,
      `a@${'b'.repeat(1_024)}`,
      `a@b/${'r'.repeat(1_024)}`,
      `${'ä'.repeat(512)}@b`,
      'x'.repeat(maxJidBytes + 1),
    ]
    for (const given of bad) expect(foldJid(given), given.slice(0, 40)).to.equal(undefined)
    expect(foldJid(undefined as unknown as string)).to.equal(undefined)
  })

  it('may have parts of 1,023 bytes', () => {
    const long = `${'ä'.repeat(511)}a@${'b'.repeat(1_023)}/${'r'.repeat(1_023)}`
    expect(Buffer.byteLength(long)).to.equal(maxJidBytes)
    expect(foldJid(long)).to.equal(long)
  })

  it('is folded once and for all', () => {
    // Found by other seeds: small letters of this one leave a dot above before a mark below.
    expect(foldJid(foldJid('\u0130\u0596')!)).to.equal(foldJid('\u0130\u0596'))
    const pieces = fc.constantFrom(...'aAäÄßİıſσςﬁ．｡@/.:- [] \u00ad\u0300K')
    fc.assert(
      fc.property(
        fc.string({
          unit: fc.oneof(pieces, fc.string({ unit: 'binary', minLength: 1, maxLength: 1 })),
          maxLength: 12,
        }),
        (given) => {
          const once = foldJid(given)
          if (once !== undefined) expect(foldJid(once)).to.equal(once)
        },
      ),
      { numRuns: 3_000 },
    )
  })
})
