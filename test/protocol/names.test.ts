/**
 * Names of files that come from a peer: safe to create, and safe to show.
 */

import { expect } from 'chai'
import fc from 'fast-check'
import { extensionAt, freeName, maxNameBytes, safeName, showable } from '../../protocol/names.js'

const named = (name: string): string | undefined => {
  const safe = safeName(name)
  return safe.ok ? safe.name : undefined
}

/** Texts of peers: any code points, and much of what hurts. */
const nasty = fc.constantFrom(
  ...[
    '/',
    '\\',
    '..',
    '.',
    ' ',
    ':',
    '%2e',
    '%2F',
    '\0',
    '\n',
    '\x1b',
    '\x7f',
    '\x9b',
    '\u202e',
    '\u200b',
    '\u2028',
  ],
  ...[
    '\ufeff',
    '\uff0f',
    '\uff0e',
    '\u2215',
    '\ud800',
    'CON',
    'nul',
    '.txt',
    '.exe',
    'é',
    'e\u0301',
    '家',
    '👍',
    '-',
    '~',
  ],
)
const peerName = fc
  .array(fc.oneof(nasty, fc.string({ unit: 'binary', maxLength: 8 })), { maxLength: 12 })
  .map((parts) => parts.join(''))

describe('a safe name', () => {
  it('is one component, whatever a peer says, and the parents of nothing (case 83, P13)', () => {
    const expected: [string, string | undefined][] = [
      ['../x', '_.._x'],
      ['/etc/x', '_etc_x'],
      ['..\\x', '_.._x'],
      ['C:\\x', 'C__x'],
      ['//srv/x', '__srv_x'],
      ['%2e%2e%2f', '_2e_2e_2f'],
      ['%252e%252e%252fetc', '_252e_252e_252fetc'],
      ['．．／', undefined],
      ['．．／etc', '___etc'],
      ['a/../../b', 'a_.._.._b'],
      ['', undefined],
      ['.', undefined],
      ['..', undefined],
      ['...', undefined],
      ['/', undefined],
      [' ', undefined],
      ['\0', undefined],
    ]
    for (const [name, safe] of expected) expect(named(name), JSON.stringify(name)).to.equal(safe)
  })

  it('leaves names that hurt nobody as they are', () => {
    for (const name of [
      'my_girl.jpg',
      'Motörhead – Überraschung.ogg',
      '家族の写真 (2).jpg',
      '100% sure.txt',
      'a.tar.gz',
      '👍.png',
      'What, me & you!.mp3',
      'My%20File.pdf',
      '…and on.txt',
    ])
      expect(named(name)).to.equal(name)
  })

  it('holds nothing that is not seen: NUL, C0, C1, DEL, line separators, bidi, zero width, unpaired (case 84, P14)', () => {
    for (const unseen of [
      '\0',
      '\x01',
      '\x1b',
      '\n',
      '\r',
      '\t',
      '\x7f',
      '\x80',
      '\x9f',
      '\u2028',
      '\u2029',
      '\u202a',
      '\u202e',
      '\u2066',
      '\u2069',
      '\u200e',
      '\u200b',
      '\u200d',
      '\u2060',
      '\ufeff',
      '\u00ad',
      '\u061c',
      '\u3164',
      '\ufffe',
      '\u{e0041}',
      '\ud800',
      '\udc00',
    ])
      expect(named(`inv${unseen}oice${unseen}.pdf`), escape(unseen)).to.equal('invoice.pdf')
    expect(named('photo\u202egnp.exe')).to.equal('photognp.exe')
  })

  it('is no device of Windows, no hidden file, no option, no stream; ends in no dot and no space (case 85)', () => {
    const expected: [string, string][] = [
      ['CON', '_CON'],
      ['nul.txt', '_nul.txt'],
      ['COM¹', '_COM¹'],
      ['lpt9.tar.gz', '_lpt9.tar.gz'],
      ['con .txt', '_con .txt'],
      ['CONIN$', '_CONIN$'],
      ['console.log', 'console.log'],
      ['a.', 'a'],
      ['a ', 'a'],
      ['a. . ', 'a'],
      ['a:b', 'a_b'],
      ['file.txt::$DATA', 'file.txt__$DATA'],
      ['.bashrc', '_.bashrc'],
      ['-rf', '_-rf'],
      ['~root', '_~root'],
      ['a*?"<>|b', 'a______b'],
    ]
    for (const [name, safe] of expected) expect(named(name), name).to.equal(safe)
  })

  it('is the same for both ways to write an accent (case 85)', () => {
    expect(named('cafe\u0301.txt')).to.equal('caf\u00e9.txt')
    expect(named('caf\u00e9.txt')).to.equal('caf\u00e9.txt')
  })

  it('keeps 255 bytes as they are, and of more it keeps the extension (case 85)', () => {
    const fits = `${'x'.repeat(251)}.txt`
    expect(named(fits)).to.equal(fits)
    expect(named(`x${fits}`)).to.equal(fits)
    const wide = named(`${'家'.repeat(200)}.tar.gz`)!
    expect(wide.endsWith('家.tar.gz')).to.equal(true)
    expect(Buffer.byteLength(wide)).to.be.within(250, 255)
  })

  it('does not let spaces push the extension out of sight', () => {
    expect(named(`photo.jpg${' '.repeat(100)}.exe`)).to.equal('photo.jpg .exe')
    expect(named(`photo.jpg${'\u3000'.repeat(100)}.exe`)).to.equal('photo.jpg .exe')
  })

  it('holds every rule for every text, and made safe twice stays what it is (cases 83–85, P13, P14)', () => {
    fc.assert(
      fc.property(peerName, (name) => {
        const safe = named(name)
        if (safe === undefined) return
        expect(safe).to.not.match(/[/\\:*?"<>|]/)
        expect(safe).to.not.match(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u)
        expect(safe).to.not.match(/^[.\-~ ]|[. ]$/)
        expect(safe).to.not.match(/^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i)
        expect(safe.length).to.be.greaterThan(0)
        expect(Buffer.byteLength(safe)).to.be.at.most(maxNameBytes)
        expect(safe.normalize('NFC')).to.equal(safe)
        expect(named(safe)).to.equal(safe)
      }),
      { numRuns: 3000 },
    )
  })

  it('takes linear time (case 108)', () => {
    for (const piece of ['.', ' ', '%2e', '.tar', 'a.', '\u0301', '_'])
      expect(() => safeName(piece.repeat(4096 / piece.length))).to.not.throw()
    expect(safeName('a'.repeat(100_000)).ok).to.equal(false)
  })
})

describe('a free name', () => {
  it('puts the number before the extension (case 88)', () => {
    expect([0, 1, 2].map((n) => freeName('my girl.jpg', n))).to.deep.equal([
      'my girl.jpg',
      'my girl (1).jpg',
      'my girl (2).jpg',
    ])
    expect(freeName('a.tar.gz', 1)).to.equal('a (1).tar.gz')
    expect(freeName('README', 3)).to.equal('README (3)')
    expect(freeName('¡ .exe', 1)).to.equal('¡ (1).exe')
  })

  it('stays within its bytes and keeps the extension', () => {
    fc.assert(
      fc.property(peerName, fc.integer({ min: 1, max: 999 }), (name, n) => {
        const safe = named(name)
        if (safe === undefined) return
        const free = freeName(safe, n)
        expect(Buffer.byteLength(free)).to.be.at.most(maxNameBytes)
        expect(free.endsWith(` (${n})${safe.slice(extensionAt(safe))}`)).to.equal(true)
        expect(named(free)).to.equal(free)
      }),
    )
  })
})

describe('text that is shown', () => {
  it('shows what would not be seen as an escape, on one line (cases 87 and 106, P14)', () => {
    expect(showable('a\x1b[31mred\x07\n')).to.equal('a\\x1b[31mred\\x07\\x0a')
    expect(showable('photo\u202egnp.exe')).to.equal('photo\\u202egnp.exe')
    expect(showable('\u{e0041}\ud800\u2028\u00a0')).to.equal('\\u{e0041}\\ud800\\u2028\\xa0')
    expect(showable('Überraschung 家 👍.txt')).to.equal('Überraschung 家 👍.txt')
  })

  it('is never wider than asked for, and always shows the extension (case 87)', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 900 }),
        fc.integer({ min: 40, max: 200 }),
        (text, max) => {
          const shown = showable(`${text}.exe`, max)
          expect(shown).to.not.match(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u)
          let columns = 0
          for (const character of shown) columns += character.codePointAt(0)! < 0x1100 ? 1 : 2
          expect(columns).to.be.at.most(max + 1)
          expect(shown.endsWith('.exe')).to.equal(true)
        },
      ),
    )
    expect(showable(`${'x'.repeat(1_000_000)}.exe`)).to.have.length(200)
  })

  it('is the text itself where nothing is wrong with it', () => {
    expect(showable('my_girl.jpg')).to.equal('my_girl.jpg')
    expect(showable('')).to.equal('')
  })
})
