/** What became of an offer or a request while nobody of its author's ran: `resume` says it, and what it says fits what it is. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { kind } from './reports.js'
import { twoPeople } from './two-people.js'

describe('what became of it while its author was away', function () {
  this.timeout(120_000)
  const people = twoPeople('heard-later')

  it('an offer that was declined is no success: `resume` says so, once, and ends as `send` would have', async () => {
    const { faust, mephisto } = people.ground
    const file = join(people.dir, 'there.txt')
    for (const each of [file, join(people.into, 'there.txt')]) writeFileSync(each, each)
    const sending = people.start(faust, 'send', file, mephisto.jid, '--wait', '0', '--no-message')
    expect((await sending.ended).code, sending.output()).to.equal(18)
    // A command that does not look at offers holds the account when the answer comes.
    const holding = people.start(faust, '--json', 'watch', 'something')
    await holding.until(kind('watching'))
    const rule = ['--from', 'contacts', '--on-conflict', 'skip', '--once', '--into', people.into]
    const receiving = people.start(mephisto, 'receive', ...rule)
    expect((await receiving.ended).code, receiving.output()).to.equal(12)
    for (let isOpen = true; isOpen; ) {
      const listing = people.start(faust, '--json', 'transfers')
      await listing.ended
      isOpen = listing.reports.some(kind('transfer'))
    }

    const resuming = people.start(faust, '--json', 'resume')
    expect((await resuming.ended).code, resuming.output()).to.equal(12)
    const said = { code: 'exists-there', state: 'declined', filename: 'there.txt' }
    expect(resuming.reports.find(kind('failed'))).to.include(said)
    const again = people.start(faust, 'resume')
    expect((await again.ended).code, again.output()).to.equal(0)
    expect(again.output()).to.contain('nothing is unfinished')
  })

  it('a request that nobody answers is no offer: it is said that it stays asked for', async () => {
    const { faust, mephisto } = people.ground
    const getting = people.start(faust, '--json', 'get', mephisto.jid, 'wanted.txt')
    await getting.until((report) => report.report === 'state' && report.state === 'proposed')
    getting.kill('SIGINT')
    await getting.ended
    const resuming = people.start(faust, 'resume', '--wait', '0')
    expect((await resuming.ended).code, resuming.output()).to.equal(18)
    expect(resuming.output()).to.contain('It stays asked for').and.not.to.contain('offer')
  })
})
