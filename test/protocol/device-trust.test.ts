/** Trust on first use, and the digits that two people compare: rules without I/O. */

import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import fc from 'fast-check'
import { deviceDigits, pairDigits } from '../../protocol/device-digits.js'
import { judgeDevice, type Remembered, type Standing } from '../../protocol/device-trust.js'

const a = 'a'.repeat(64)
const b = 'b'.repeat(64)
const c = 'c'.repeat(64)
const known = (standing: Standing, device = a): Remembered => ({ device, standing })
const usual = { policy: 'first-use', isOwn: false } as const
const every = { policy: 'every', isOwn: false } as const

describe('trust in devices', () => {
  it('takes the first device of a person as it comes, and asks about a further one', () => {
    expect(judgeDevice(a, [], usual)).to.equal('first')
    expect(judgeDevice(a, [known('first-use')], usual)).to.equal('known')
    expect(judgeDevice(b, [known('first-use')], usual)).to.equal('ask')
    expect(judgeDevice(b, [known('first-use'), known('person', b)], usual)).to.equal('known')
  })

  it('asks about a device that is trusted no more, and about those that come after it', () => {
    for (const how of [usual, every]) expect(judgeDevice(a, [known('revoked')], how)).to.equal('ask')
    expect(judgeDevice(b, [known('revoked')], usual)).to.equal('ask')
  })

  it('asks about each new device once one was verified, whatever the option says', () => {
    expect(judgeDevice(b, [known('first-use')], every)).to.equal('first')
    expect(judgeDevice(c, [known('first-use'), known('verified', b)], every)).to.equal('ask')
    expect(judgeDevice(b, [known('verified', b)], every)).to.equal('known')
  })

  it('asks about other devices of the own account: this one is the first', () => {
    expect(judgeDevice(a, [], { policy: 'first-use', isOwn: true })).to.equal('ask')
    expect(judgeDevice(a, [], { policy: 'every', isOwn: true })).to.equal('first')
  })
})

describe('the digits of devices', () => {
  const device = fc.stringMatching(/^[0-9a-f]{64}$/)

  it('are 32 of each, in groups of four: 106 bits', () => {
    fc.assert(fc.property(device, (id) => /^(\d{4} ){7}\d{4}$/.test(deviceDigits(id))))
    expect(deviceDigits('0'.repeat(64))).to.equal('0000 0000 0000 0000 0000 0000 0000 0000')
    const page = readFileSync(new URL('../../../docs/protocol.md', import.meta.url), 'utf8')
    const examples = /^```digits\n([\s\S]*?)^```$/m.exec(page)![1]!.trim().split('\n')
    expect(examples).to.have.length(2)
    for (const line of examples) {
      const [id, digits] = line.split('  ')
      expect(deviceDigits(id!)).to.equal(digits)
    }
    expect(32 * Math.log2(10)).to.be.greaterThan(100)
  })

  it('are the same for two people, whoever of them asks', () => {
    fc.assert(
      fc.property(device, device, (one, other) => {
        expect(pairDigits(one, other)).to.deep.equal(pairDigits(other, one))
        expect(pairDigits(one, other)).to.have.members([deviceDigits(one), deviceDigits(other)])
      }),
    )
  })

  it('differ with the last digit of an id', () => {
    fc.assert(
      fc.property(device, (id) => {
        const other = id.slice(0, -1) + (id.endsWith('0') ? '1' : '0')
        expect(deviceDigits(other)).not.to.equal(deviceDigits(id))
      }),
    )
  })
})
