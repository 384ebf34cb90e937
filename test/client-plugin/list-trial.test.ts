/** Trying whether a list could be brought never takes the place of one that is on its way. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import type { Outcome } from '../../client-plugin/mediator/outcome.js'
import { ListOffers } from '../../client-plugin/share/offer-list.js'
import { DialBudget } from '../../client-plugin/transfer/dial-budget.js'
import { keptIdentity } from '../../link/index.js'
import type { Action } from '../../schemas/index.js'

describe('a trial of the port for lists', () => {
  let state: string
  const said: Action[] = []
  const answers: ((outcome: Outcome) => void)[] = []
  let lists: ListOffers
  before(() => {
    state = mkdtempSync(join(tmpdir(), 'jabberfs-list-trial-'))
    const say = (action: Action) => {
      said.push(action)
      return new Promise<Outcome>((resolve) => answers.push(resolve))
    }
    lists = new ListOffers({
      settings: {
        component: 'files.example',
        state,
        path: 'any',
        allowLoopback: false,
        linkDeadlineMs: 500,
      },
      mouth: { say },
      identity: keptIdentity(join(state, 'device.pem')),
      dialBudget: new DialBudget(),
    })
  })
  after(() => {
    lists.stop()
    rmSync(state, { recursive: true })
  })

  it('offers nothing while a list is on its way, and does as soon as that has ended', async () => {
    const { signal } = new AbortController()
    const sending = lists.send({ share: 'a-share-1', seq: 1, entries: 0 }, []).catch(({ code }) => code)
    expect(await lists.tryOut(500, signal)).to.deep.equal({ is: 'busy' })
    while (answers.length === 0) await new Promise((resolve) => setTimeout(resolve, 5))
    expect(await lists.tryOut(500, signal)).to.deep.equal({ is: 'busy' })
    expect(said).to.have.length(1)
    answers.pop()!({ is: 'unsaid' })
    expect(await sending).to.equal('component-away')
    const trial = lists.tryOut(500, signal)
    while (answers.length === 0) await new Promise((resolve) => setTimeout(resolve, 5))
    answers.pop()!({ is: 'later', ms: 5_000, why: new Error() as never })
    expect(await trial).to.deep.equal({ is: 'busy' })
  })
})
