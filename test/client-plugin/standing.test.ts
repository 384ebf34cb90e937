/** What the sending side makes of the component's answer about a transfer that only waits: it ends one way, or goes on. */

import { expect } from 'chai'
import type { TransferRecord } from '../../client-plugin/journal/record.js'
import type { Outcome } from '../../client-plugin/mediator/outcome.js'
import { isOutOfDate, standingOf } from '../../client-plugin/transfer/standing.js'

const dayMs = 24 * 3_600_000

describe('a transfer that waits', () => {
  const recordOf = (some: Partial<TransferRecord> = {}) =>
    ({ phase: 'running', created: 0, ...some }) as TransferRecord
  const standing = (outcome: Outcome, some: Partial<TransferRecord> = {}) => {
    const stands = standingOf(outcome, recordOf(some))
    return typeof stands === 'string' ? stands : stands.end
  }
  const elsewhere = (phase: string): Outcome => ({ is: 'elsewhere', phase, attempt: 1 })

  it('stands where the component has it as we have, or cannot say', () => {
    expect(standing({ is: 'recorded' })).to.equal('stands')
    expect(standing({ is: 'away' })).to.equal('stands')
    expect(standing({ is: 'unsaid' })).to.equal('stands')
    expect(standing(elsewhere('running'))).to.equal('stands')
    expect(standing(elsewhere('aborting'))).to.equal('stands')
  })

  it('has expired, or is forgotten, where the component has none', () => {
    expect(standing({ is: 'unknown', expired: true })).to.equal('expired')
    expect(standing({ is: 'unknown', expired: false })).to.equal('forgotten')
  })

  it('cannot go on where the component has it as it was before it was accepted', () => {
    expect(standing(elsewhere('proposed'))).to.equal('rolled-back')
    expect(standing(elsewhere('countered'))).to.equal('rolled-back')
  })

  it('is complete where the other side has the file, whatever the component has lost since (P6)', () => {
    expect(standing(elsewhere('complete'))).to.equal('complete')
    const served = { served: true }
    expect(standing({ is: 'unknown', expired: true }, served)).to.equal('complete')
    expect(standing({ is: 'unknown', expired: false }, served)).to.equal('complete')
    expect(standing(elsewhere('proposed'), served)).to.equal('complete')
    expect(standing(elsewhere('countered'), served)).to.equal('complete')
  })

  it('has the end that the component has', () => {
    for (const end of ['aborted', 'declined', 'taken', 'expired'] as const)
      expect(standing(elsewhere(end))).to.equal(end)
  })

  it('cannot be answered any more a week and a day after it was proposed, or a day after it was to end', () => {
    const proposed = { phase: 'proposed' } as const
    const outOfDate = (some: Partial<TransferRecord>, days: number) =>
      [-1, 1].map((ms) => isOutOfDate(recordOf(some), days * dayMs + ms))
    expect(outOfDate(proposed, 8)).to.deep.equal([false, true])
    expect(outOfDate({ phase: 'countered' }, 8)).to.deep.equal([false, true])
    const expires = new Date(2 * dayMs).toISOString()
    expect(outOfDate({ ...proposed, expires }, 3)).to.deep.equal([false, true])
    const late = new Date(30 * dayMs).toISOString()
    expect(outOfDate({ ...proposed, expires: late }, 8)).to.deep.equal([false, true])
    expect(outOfDate({ phase: 'running' }, 8)).to.deep.equal([false, false])
    expect(outOfDate({ ...proposed, saying: { action: 'offer' } }, 8)).to.deep.equal([false, false])
  })
})
