/** What a pause is to the side that did not ask for it, and what the end of a paused transfer is to the one that did. */
import { truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { holdBack } from '../../scripts/hold-back.js'
import type { Person } from '../../scripts/playground.js'
import { kind } from './reports.js'
import { twoPeople } from './two-people.js'

describe('a transfer that one side pauses', function () {
  this.timeout(120_000)
  const people = twoPeople('paused')
  const start = (who: Person, ...args: string[]) => people.start(who, '--json', ...args)

  it('goes on for the other from what is there, not from nothing; and ends at once for both who are there', async () => {
    const { faust, mephisto } = people.ground
    writeFileSync(join(people.dir, 'big.bin'), '')
    truncateSync(join(people.dir, 'big.bin'), 2 ** 30)
    const receiving = start(mephisto, 'receive', '--from', 'contacts', '--into', people.into)
    await receiving.until(kind('listening'))
    const sending = start(faust, 'send', 'big.bin', mephisto.jid)
    const letGo = holdBack(sending)
    await receiving.until((report) => report.report === 'progress' && report.bytes > 2 ** 25)
    receiving.kill('SIGINT')
    expect((await receiving.ended).code, receiving.output()).to.equal(130)
    await sending.until((report) => report.report === 'state' && report.state === 'paused')
    const again = start(mephisto, 'resume')
    await again.until(kind('progress'))
    await sending.until((report) => report.report === 'progress' && report.attempt > 1)
    const shown = sending.reports.filter(kind('progress'))
    const [first] = shown.filter(({ attempt }) => attempt > 1)
    expect(first!.bytes, sending.output()).to.be.greaterThan(2 ** 24)
    expect(first!.resumedFrom).to.equal(first!.bytes)

    letGo()
    sending.kill('SIGINT')
    expect((await sending.ended).code, sending.output()).to.equal(130)
    const { key } = first!
    const aborting = start(faust, 'abort', key)
    expect((await aborting.ended).code, aborting.output()).to.equal(0)
    expect(aborting.reports.find(kind('transfer'))).to.include({ state: 'aborted' })
    const listing = start(faust, 'transfers')
    await listing.ended
    expect(listing.reports.map(({ report }) => report)).to.include('nothing')
    expect((await again.ended).code, again.output()).to.equal(10)
  })
})
