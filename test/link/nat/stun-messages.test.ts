/** STUN messages: what is written is what is read, the RFC's own samples, and bytes of a stranger. */

import { expect } from 'chai'
import fc from 'fast-check'
import {
  addressOf,
  attribute,
  beyondUs,
  errorOf,
  numberAttribute,
  numberOf,
  textOf,
  xorAddressAttribute,
} from '../../../link/stun/attributes.js'
import {
  fingerprintFits,
  isSigned,
  longTermKey,
  signedPart,
  writeSigned,
} from '../../../link/stun/integrity.js'
import {
  headerBytes,
  maxMessageBytes,
  messageBytes,
  readMessage,
  type StunMessage,
  writeMessage,
} from '../../../link/stun/message.js'

const bytesOf = (hex: string): Buffer => Buffer.from(hex.replace(/\s/g, ''), 'hex')

/** RFC 5769, section 2.2: 192.0.2.1, port 32853. */
const sampleFour = bytesOf(`
  0101003c 2112a442 b7e7a701 bc34d686 fa87dfae 8022000b 74657374 20766563 746f7220 00200008 0001a147 e112a643
  00080014 2b91f599 fd9e90c3 8c7489f9 2af9ba53 f06be7d7 80280004 c07d4c96`)
/** RFC 5769, section 2.3: 2001:db8:1234:5678:11:2233:4455:6677, port 32853. */
const sampleSix = bytesOf(`
  01010048 2112a442 b7e7a701 bc34d686 fa87dfae 8022000b 74657374 20766563 746f7220 00200014 0002a147 0113a9fa
  a5d3f179 bc25f4b5 bed2b9d9 00080014 a382954e 4be67bf1 1784c97c 8292c275 bfe3ed41 80280004 c8fb0b4c`)
const sampleKey = Buffer.from('VOkJxbRl1RmTxUk/WvJxBt')

const anyMessage: fc.Arbitrary<StunMessage> = fc.record({
  method: fc.integer({ min: 0, max: 0xfff }),
  kind: fc.constantFrom('request', 'indication', 'success', 'error'),
  transaction: fc.uint8Array({ minLength: 12, maxLength: 12 }).map((bytes) => Buffer.from(bytes)),
  attributes: fc.array(
    fc.record({
      type: fc.integer({ min: 0, max: 0xffff }),
      value: fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
    }),
    { maxLength: 12 },
  ),
})

describe('STUN messages', () => {
  it('are read as the samples of RFC 5769 say, with integrity and fingerprint', () => {
    for (const [sample, ip] of [
      [sampleFour, '192.0.2.1'],
      [sampleSix, '2001:db8:1234:5678:11:2233:4455:6677'],
    ] as const) {
      const message = readMessage(sample)!
      expect(message).to.include({ method: 1, kind: 'success' })
      expect(addressOf(message, attribute.xorMappedAddress)).to.deep.equal({ ip, port: 32853 })
      expect(isSigned(sample, sampleKey)).to.equal(true)
      expect(isSigned(sample, Buffer.from('another'))).to.equal(false)
      expect(fingerprintFits(sample)).to.equal(true)
      const wrong = Buffer.from(sample)
      wrong[30]! ^= 1
      expect(fingerprintFits(wrong)).to.equal(false)
      expect(beyondUs(message)).to.equal(false)
    }
  })

  it('with any bit turned are signed by nobody, or no messages', () => {
    const signedBits = (sampleFour.length - 8) * 8
    for (let bit = 0; bit < signedBits; bit++) {
      const turned = Buffer.from(sampleFour)
      turned[bit >> 3]! ^= 0x80 >> (bit & 7)
      if (readMessage(turned) === undefined) continue
      expect(isSigned(turned, sampleKey), `bit ${bit}`).to.equal(false)
    }
  })

  it('are written as they are read', () => {
    fc.assert(
      fc.property(anyMessage, (message) => {
        const bytes = writeMessage(message)
        expect(messageBytes(bytes)).to.equal(bytes.length)
        expect(readMessage(bytes)).to.deep.equal(message)
      }),
    )
  })

  it('signed with the key of long-term credentials are known by it alone, and what follows counts for nothing', () => {
    const key = longTermKey('faust', Buffer.from('goethe.example'), 'pudel')
    fc.assert(
      fc.property(anyMessage, (any) => {
        const plain = any.attributes.filter(({ type }) => type !== attribute.messageIntegrity)
        const bytes = writeSigned({ ...any, attributes: plain }, key)
        expect(isSigned(bytes, key)).to.equal(true)
        expect(isSigned(bytes, longTermKey('faust', Buffer.from('goethe.example'), 'Pudel'))).to.equal(false)
        expect(signedPart(readMessage(bytes)!).attributes).to.deep.equal(plain)
      }),
    )
  })

  it('carry addresses of both families, numbers and errors', () => {
    const transaction = Buffer.from('0123456789ab')
    fc.assert(
      fc.property(
        fc.oneof(fc.ipV4(), fc.constantFrom('2001:db8:0:0:0:0:0:1', 'fd00:1:2:3:4:5:6:7')),
        fc.integer({ min: 1, max: 65_535 }),
        fc.integer({ min: 0, max: 2 ** 32 - 1 }),
        (ip, port, number) => {
          const type = attribute.xorRelayedAddress
          const attributes = [
            xorAddressAttribute(type, { ip, port }, transaction),
            numberAttribute(attribute.lifetime, number),
          ]
          const read = readMessage(writeMessage({ method: 3, kind: 'success', transaction, attributes }))!
          expect(addressOf(read, type)).to.deep.equal({ ip, port })
          expect(numberOf(read, attribute.lifetime)).to.equal(number)
        },
      ),
    )
  })

  it('of a stranger are read or are none, and nothing is thrown at anybody (P18)', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (tail, withHeader) => {
        const length = tail.length & ~3
        const header = Buffer.concat([bytesOf('0101'), bytesOf('0000 2112a442'), Buffer.alloc(12)])
        header.writeUInt16BE(length, 2)
        const bytes = Buffer.concat([withHeader ? header : Buffer.alloc(0), tail.subarray(0, length)])
        const message = readMessage(bytes)
        for (const type of message === undefined ? [] : Object.values(attribute)) {
          addressOf(message!, type)
          numberOf(message!, type)
          textOf(message!, type)
        }
        if (message !== undefined) errorOf(message)
        isSigned(bytes, sampleKey)
        fingerprintFits(bytes)
      }),
    )
  })

  it('that are too long, cut short, or hold a wrong address or error are none', () => {
    const long = Buffer.from(sampleFour)
    long.writeUInt16BE(maxMessageBytes, 2)
    expect(messageBytes(long)).to.equal(0)
    for (let length = 0; length < sampleFour.length; length++) {
      const cut = sampleFour.subarray(0, length)
      expect(readMessage(cut)).to.equal(undefined)
      expect(messageBytes(cut)).to.equal(length < headerBytes ? undefined : sampleFour.length)
    }
    const transaction = Buffer.alloc(12)
    const holding = (type: number, hex: string): StunMessage => ({
      method: 1,
      kind: 'error',
      transaction,
      attributes: [{ type, value: bytesOf(hex) }],
    })
    for (const hex of ['', '0001', '0001a147', '0003a147e112a643', '0002a147e112a643', '00012112e112a643'])
      expect(addressOf(holding(attribute.xorMappedAddress, hex), attribute.xorMappedAddress)).to.equal(
        undefined,
      )
    for (const hex of ['', '0000', '00000200', '00000700', '00000464'])
      expect(errorOf(holding(attribute.errorCode, hex))).to.equal(undefined)
    expect(errorOf(holding(attribute.errorCode, '00000401'))).to.deep.equal({ code: 401 })
    expect(errorOf(holding(attribute.errorCode, '00000426'))).to.deep.equal({ code: 438 })
  })
})
