/** Commands of one person go one after the other, and those of others are not behind all of his (P17). */

import { setImmediate as turn } from 'node:timers/promises'
import { expect } from 'chai'
import type { Catalogue } from '../../../component/catalogue/catalogue.js'
import { Access } from '../../../component/desk/access.js'
import { Marks } from '../../../component/desk/marks.js'
import { Commands } from '../../../component/stock/commands.js'
import { nsCommands, xml } from '../../../schemas/index.js'
import { Refused } from '../../../wire/index.js'

describe('two hundred commands of one person', () => {
  const free = { pass() {} }
  const means = {
    domain: 'files',
    // Nothing is asked of it here.
    catalogue: undefined as unknown as Catalogue,
    access: new Access(['*']),
    marks: new Marks(),
    gate: free,
    pace: free,
  }

  it('run one at a time; some wait, the others are told to come back, and another is served meanwhile', async () => {
    const ran: string[] = []
    let running = 0
    let most = 0
    const slow = {
      node: 'slow',
      name: 'Slow',
      costs: 'browse' as const,
      async run(asker: string) {
        if (asker === 'loud@h') most = Math.max(most, ++running)
        await turn()
        await turn()
        if (asker === 'loud@h') running--
        ran.push(asker)
        return { done: 'done' }
      },
    }
    const commands = new Commands(means, [slow], [])
    const say = (from: string) =>
      commands.say(`${from}/1`, xml('command', { xmlns: nsCommands, node: 'slow' }))
    const all = Promise.allSettled(Array.from({ length: 200 }, () => say('loud@h')))
    await say('quiet@h')
    expect(ran.indexOf('quiet@h')).to.be.at.most(2)
    const refused = (await all).flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []))
    expect(most).to.equal(1)
    expect(ran).to.have.length(1 + 33)
    expect(refused).to.have.length(200 - 33)
    for (const each of refused) {
      expect(each).to.be.instanceOf(Refused)
      expect(each).to.include({ condition: 'resource-constraint', type: 'wait' })
    }
    // Its place is free again.
    await say('loud@h')
  })
})
