/** What the benches print: medians, ratios by round, and one object for programs. */

import { expect } from 'chai'
import { type Figures, median, medianRow, quantile, ratioByRound } from '../../bench/report.js'

describe('a report of a bench', () => {
  it('takes the middle of an odd number of rounds and the mean of the middle two of an even one', () => {
    expect(median([3, 1, 2])).to.equal(2)
    expect(median([4, 1, 3, 2])).to.equal(2.5)
  })

  it('gives the 99th percentile between its neighbours', () => {
    const values = Array.from({ length: 101 }, (_, value) => value)
    expect(quantile(values, 0.99)).to.equal(99)
    expect(quantile([1, 2], 0.5)).to.equal(1.5)
  })

  it('makes one row of several rounds, figure by figure, with the spread of the one that counts', () => {
    const rounds: Figures[] = [{ mbPerSecond: 90 }, { mbPerSecond: 110, p99Ms: 3 }, { mbPerSecond: 100 }]
    expect(medianRow('ours', rounds, 'mbPerSecond')).to.deep.equal({
      name: 'ours',
      figures: { mbPerSecond: 100, spreadPercent: 20, p99Ms: 3 },
    })
  })

  it('compares round by round, so that a slow minute of the machine hits both alike', () => {
    const ours = [{ mbPerSecond: 100 }, { mbPerSecond: 10 }, { mbPerSecond: 90 }]
    const peers = [{ mbPerSecond: 50 }, { mbPerSecond: 5 }, { mbPerSecond: 45 }]
    expect(ratioByRound(ours, peers, 'mbPerSecond')).to.equal(2)
  })
})
