/** What of all that is known of itself a side announces. */

import { expect } from 'chai'
import { directToAnnounce, relaysToAnnounce } from '../../protocol/announcing.js'
import type { DirectCandidate, RelayCandidate } from '../../protocol/candidates.js'

const at = (kind: DirectCandidate['kind'], ip: string): DirectCandidate => ({ kind, ip, port: 40_000 })
const own = ['2001:db8::1', '10.0.0.1', '2001:db8::2', '10.0.0.2'].map((ip) => at('host', ip))
const outer = at('host', '192.0.2.1')
const mapped = at('mapped', '192.0.2.1')
const four = at('punch', '192.0.2.1')
const six = at('punch', '2001:db8::1')

describe('what a side announces of itself', () => {
  it('is its own addresses, where there is nothing else', () => {
    expect(directToAnnounce({ own, punches: [] })).to.deep.equal(own)
  })

  it('is four at most, two of them its own, whatever else there is (case 67)', () => {
    const both = own.slice(0, 2)
    const cases: [Parameters<typeof directToAnnounce>[0], DirectCandidate[]][] = [
      [{ own, outer, punches: [four] }, [...both, outer, four]],
      [{ own, mapped, punches: [] }, [...own.slice(0, 3), mapped]],
      [{ own, outer, mapped, punches: [four] }, [...both, mapped, four]],
      [{ own, outer, mapped, punches: [four, six] }, [...both, mapped, six]],
      [{ own, outer, punches: [four, six] }, [...both, four, six]],
      [{ own, outer, punches: [six] }, [...both, outer, six]],
    ]
    for (const [reachable, announced] of cases) expect(directToAnnounce(reachable)).to.deep.equal(announced)
  })

  it('is what is known from outside, also where it listens nowhere', () => {
    expect(directToAnnounce({ own: [], punches: [four, six] })).to.deep.equal([four, six])
  })

  it('is two relays at most, of both kinds where there are both (case 67)', () => {
    const proxy = (port: number): RelayCandidate => ({
      kind: 'proxy',
      ip: '192.0.2.9',
      port,
      dst: '0'.repeat(40),
    })
    const turn: RelayCandidate = { kind: 'turn', ip: '192.0.2.9', port: 50_001 }
    expect(relaysToAnnounce([proxy(7777), proxy(7778), turn])).to.deep.equal([proxy(7777), turn])
    expect(relaysToAnnounce([proxy(7777), proxy(7778), proxy(7779)])).to.deep.equal([
      proxy(7777),
      proxy(7778),
    ])
    expect(relaysToAnnounce([])).to.deep.equal([])
  })
})
