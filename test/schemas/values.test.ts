/** The single values: numbers, text, base64, words, addresses of IP, dates. */

import { expect } from 'chai'
import fc from 'fast-check'
import { Malformed } from '../../schemas/malformed.js'
import { filenameValue, filesizeValue } from '../../schemas/transfer/file.js'
import { base64, choice, dateTime, ipLiteral, text, type Value, wholeNumber } from '../../schemas/values.js'

function reasonFor(step: () => unknown): string | undefined {
  try {
    step()
    return undefined
  } catch (error) {
    if (error instanceof Malformed) return error.reason
    throw error
  }
}

const refused = (value: Value<unknown>, given: string) => reasonFor(() => value.read(given))

describe('a number', () => {
  const number = wholeNumber(0)

  it('is refused with a sign, a space, an exponent, another base or too many digits (case 21, P21)', () => {
    const bad = [
      '-1',
      '9007199254740992',
      '1e3',
      'NaN',
      '0x10',
      ' 5',
      '5 ',
      '+5',
      `1${'0'.repeat(30)}`,
      '',
      '00',
      '01',
      '1.0',
      '1_0',
      '١',
      'Infinity',
      '-0',
      '5\n',
      '\u00a05',
    ]
    for (const given of bad) expect(refused(number, given), given).to.equal('not a number')
  })

  it('is taken in plain digits up to 2^53 - 1 (case 98)', () => {
    for (const given of ['0', '1', '13000', '9007199254740991'])
      expect(number.read(given)).to.equal(Number(given))
  })

  it('is taken exactly when its own digits are what was given (case 21)', () => {
    const almost = fc.oneof(
      fc.string({ maxLength: 20 }),
      fc.stringMatching(/^[ +-]?[0-9]{0,20}(?:[.e][0-9]{0,3})?$/),
      fc.bigInt({ min: -1n, max: 2n ** 60n }).map(String),
    )
    fc.assert(
      fc.property(almost, (given) => {
        const numeric = Number(given)
        const good = Number.isSafeInteger(numeric) && numeric >= 0 && String(numeric) === given
        expect(refused(number, given) === undefined).to.equal(good)
      }),
      { numRuns: 2_000 },
    )
  })

  it('is bounded: a file has at most 16 TiB (case 98)', () => {
    expect(filesizeValue.read('17592186044416')).to.equal(2 ** 44)
    expect(refused(filesizeValue, '17592186044417')).to.equal('too large')
    expect(refused(filesizeValue, '9007199254740991')).to.equal('too large')
    expect(refused(wholeNumber(1, 65_535), '0')).to.equal('too small')
  })

  it('is not written when it could not be read', () => {
    for (const value of [-1, 0.5, Number.NaN, 2 ** 53, Number.POSITIVE_INFINITY, '5' as unknown as number]) {
      expect(
        reasonFor(() => number.write(value)),
        String(value),
      ).not.to.equal(undefined)
    }
  })
})

describe('a text', () => {
  it('is refused with characters that XML cannot carry, read or written (cases 32 and 84)', () => {
    for (const bad of [
      '\0',
      '\u0001',
      '\b',
      '\u000b',
      '\u001b[31m',
      '\ufffe',
      '\uffff',
      '\ud800',
      'a\udc00b',
    ]) {
      expect(refused(text(100), bad)).to.equal('characters that XML cannot carry')
      expect(reasonFor(() => text(100).write(bad))).to.equal('characters that XML cannot carry')
    }
  })

  it('is counted in characters, not in UTF-16 units', () => {
    expect(text(3).read('🎵🎵🎵')).to.equal('🎵🎵🎵')
    expect(refused(text(3), '🎵🎵🎵🎵')).to.equal('too long')
    expect(refused(text(3), 'x'.repeat(1_000_000))).to.equal('too long')
  })
})

describe('a file name on the wire', () => {
  it('has no control characters, C0, DEL or C1 (case 84)', () => {
    for (let point = 0; point <= 0x9f; point++) {
      const control = point < 0x20 || point >= 0x7f
      expect(refused(filenameValue, `a${String.fromCharCode(point)}b`) !== undefined, `U+${point}`).to.equal(
        control,
      )
    }
  })

  it('has 1 to 255 characters (case 85)', () => {
    expect(filenameValue.read('ä'.repeat(255))).to.have.length(255)
    expect(refused(filenameValue, 'ä'.repeat(256))).to.equal('too long')
    expect(refused(filenameValue, '')).to.equal('empty')
  })
})

describe('base64', () => {
  it('is taken only as an encoder writes it', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'ABQw+/=-_ \n0'), maxLength: 48 }), (given) => {
        const bytes = Buffer.from(given, 'base64')
        const good = bytes.toString('base64') === given && bytes.length >= 1 && bytes.length <= 32
        expect(refused(base64(1, 32), given) === undefined).to.equal(good)
      }),
      { numRuns: 2_000 },
    )
  })

  it('gives memory of its own, not a piece of a shared pool', () => {
    const bytes = base64(32).read(Buffer.alloc(32, 7).toString('base64'))
    expect(bytes.buffer.byteLength).to.equal(32)
  })

  it('is written from a piece of a larger buffer', () => {
    const large = new Uint8Array(100).fill(9)
    large.fill(7, 10, 42)
    expect(base64(32).write(large.subarray(10, 42))).to.equal(Buffer.alloc(32, 7).toString('base64'))
  })
})

describe('an IP literal', () => {
  it('is four decimal numbers or IPv6 without a zone, never a name or a short form (case 66, P12)', () => {
    for (const good of [
      '66.66.66.66',
      '0.0.0.0',
      '255.255.255.255',
      '::',
      '2001:db8::66',
      '::ffff:127.0.0.1',
    ]) {
      expect(ipLiteral.read(good)).to.equal(good)
    }
    const bad = [
      'localhost',
      'goethe.example',
      '0',
      '127.1',
      '0x7f.1',
      '010.0.0.1',
      '1.2.3.4.5',
      '256.0.0.1',
      'fe80::1%eth0',
      '[::1]',
      '::1\0',
      '1.2.3.4\0',
      ' 1.2.3.4',
      '1.2.3.4\n',
      '',
      '１.2.3.4',
      ':'.repeat(500),
    ]
    for (const given of bad) expect(refused(ipLiteral, given), given).to.equal('not an IP literal')
  })
})

describe('a word of a few', () => {
  it('is exactly one of them, and nothing that objects have by nature', () => {
    for (const given of ['', 'User', ' user', 'constructor', '__proto__', 'toString']) {
      expect(refused(choice('user', 'taken'), given), given).to.equal('not a known word')
    }
  })
})

describe('a date', () => {
  it('is a real moment with its zone, as XEP-0082 writes it', () => {
    for (const good of [
      '2002-02-12T20:22:59Z',
      '2000-02-29T00:00:00Z',
      '2002-02-12T20:22:59.125+01:00',
      '9999-12-31T23:59:59-14:00',
    ]) {
      expect(dateTime.read(good)).to.equal(good)
    }
    const bad = [
      '2002-02-12',
      '20020212T20:22:59',
      '2002-02-12T20:22:59',
      '1900-02-29T00:00:00Z',
      '2002-13-01T00:00:00Z',
      '2002-00-01T00:00:00Z',
      '2002-01-00T00:00:00Z',
      '2002-01-01T24:00:00Z',
      '2002-01-01T00:60:00Z',
      '2002-01-01T00:00:61Z',
      '2002-01-01T00:00:00+15:00',
      '2002-01-01 00:00:00Z',
      '10000-01-01T00:00:00Z',
      'now',
      '',
    ]
    for (const given of bad) expect(refused(dateTime, given), given).to.equal('not a date and time')
  })
})

describe('every value', () => {
  it('answers to 100,000 characters at once, whatever they are (case 108)', () => {
    const values = [text(10), filenameValue, wholeNumber(0), base64(32), ipLiteral, dateTime]
    for (const unit of ['a', '0', ' ', '-', ':', '\ud800', 'ä', '1.']) {
      for (const value of values) expect(refused(value, unit.repeat(100_000))).to.be.a('string')
    }
  })
})
