/** What is remembered of a server, how fast bytes go through its stream, and what a person allows. */

import { expect } from 'chai'
import { Expense } from '../../../client-plugin/paths/expense.js'
import { Health } from '../../../client-plugin/paths/health.js'
import { InBandPace, InBandRoom } from '../../../client-plugin/paths/in-band/pace.js'
import { readPolicies, readPolicy } from '../../../client-plugin/paths/policy.js'
import { Remembered } from '../../../client-plugin/paths/remembered.js'

describe('what a device may make us ask others for', () => {
  it('is sixteen attempts at once, then one a second, until a link is made (P16)', () => {
    let now = 1e6
    const expense = new Expense(() => now)
    const allowed = (device: string) =>
      Array.from({ length: 20 }, () => expense.allow(device)).filter(Boolean).length
    expect(allowed('a')).to.equal(16)
    expect(allowed('b')).to.equal(16)
    now += 3_000
    expect(allowed('a')).to.equal(3)
    expense.proven('a')
    expect([allowed('a'), allowed('b')]).to.deep.equal([16, 3])
  })
})

describe('what is asked of a server and remembered', () => {
  it('is asked for once, and given at once afterwards', async () => {
    let asked = 0
    const known = new Remembered(async () => ({ value: ++asked, isUseful: true }))
    expect(await Promise.all([known.get(1_000), known.get(1_000)])).to.deep.equal([1, 1])
    expect(await known.get(0)).to.equal(1)
    known.doubt()
    expect(await known.get(1_000)).to.equal(1)
    known.forget()
    expect(await known.get(1_000)).to.equal(3)
  })

  it('is gone without where the server does not say it in time, or at all', async () => {
    let answer!: () => void
    const late = new Remembered(
      () =>
        new Promise<{ value: string; isUseful: true }>((resolve) => {
          answer = () => resolve({ value: 'late', isUseful: true })
        }),
    )
    expect(await late.get(5)).to.equal(undefined)
    answer()
    expect(await late.get(1_000)).to.equal('late')
    let asked = 0
    const never = new Remembered(async () => {
      asked++
      throw new Error('away')
    })
    expect(await never.get(1_000)).to.equal(undefined)
    // Nobody waits for it again so soon.
    expect([await never.get(1_000), asked]).to.deep.equal([undefined, 1])
  })

  it('is asked for again when it is no longer good', async () => {
    let good = true
    let asked = 0
    const known = new Remembered(
      async () => ({ value: ++asked, isUseful: true }),
      (value) => value > 1 || good,
    )
    expect(await known.get(1_000)).to.equal(1)
    good = false
    expect(await known.get(1_000)).to.equal(2)
  })
})

describe('bytes inside the stream that people chat on', () => {
  it('stay below what a stock server lets a client send, in the long run', () => {
    const pace = new InBandPace()
    let now = 0
    let said = 0
    while (now < 60_000) {
      const waitMs = pace.waitMs(3_000, now)
      now += waitMs
      pace.said(3_000, now)
      pace.answered(20, now + 20)
      said += 3_000
      now += 20
    }
    expect(said / 60).to.be.within(7_000, 8_000)
  })

  it('leave as long to others as an answer took that came late', () => {
    const pace = new InBandPace()
    pace.said(3_000, 0)
    pace.answered(2_000, 2_000)
    expect(pace.waitMs(3_000, 2_000)).to.equal(2_000)
    expect(pace.waitMs(3_000, 4_000)).to.equal(0)
    // A stanza larger than all there can be is not waited for without end.
    expect(pace.waitMs(100_000, 10_000)).to.equal(0)
  })
})

describe('bytes of several streams inside one', () => {
  it('share what there is, and none waits because the other side of another is slow', () => {
    const room = new InBandRoom()
    const [one, other] = [new InBandPace(room), new InBandPace(room)]
    one.said(9_000, 0)
    one.answered(4_000, 4_000)
    expect(one.waitMs(3_000, 4_000)).to.equal(4_000)
    expect(other.waitMs(3_000, 4_000)).to.equal(0)
    other.said(12_000, 4_000)
    expect(other.waitMs(3_000, 4_000)).to.equal(400)
    expect(one.waitMs(3_000, 8_000)).to.equal(0)
  })
})

describe('servers that do the same', () => {
  it('are asked in the order in which the server names them, but those last that have failed lately', () => {
    let now = 0
    const health = new Health(() => now)
    const all = [1, 2, 3].map((port) => health.of({ ip: '198.51.100.7', port }))
    const ports = () => health.inOrder(all).map(({ port }) => port)
    expect(ports()).to.deep.equal([1, 2, 3])
    all[0]!.failed()
    expect(ports()).to.deep.equal([2, 3, 1])
    all[1]!.failed()
    expect(ports()).to.deep.equal([3, 1, 2])
    now += 600_000
    expect(ports()).to.deep.equal([1, 2, 3])
    all[0]!.failed()
    health.clear()
    expect(ports()).to.deep.equal([1, 2, 3])
  })
})

describe('which paths a person allows', () => {
  it('is one of three words, for everybody or by JID; anything else is said by name', () => {
    expect(readPolicy('path', 'relay')).to.equal('relay')
    expect(readPolicy('path', undefined)).to.equal(undefined)
    expect(() => readPolicy('path', 'proxy'))
      .to.throw()
      .with.property('code', 'bad-option')
    expect([...readPolicies({ 'Faust@Goethe.example': 'relay' })]).to.deep.equal([
      ['faust@goethe.example', 'relay'],
    ])
    expect(() => readPolicies({ '@': 'relay' }))
      .to.throw()
      .with.property('code', 'bad-option')
  })
})
