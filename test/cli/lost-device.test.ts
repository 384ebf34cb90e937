/** A state folder that is lost is a device that comes no more: whoever waits for it is told so, and can end that. */
import { randomBytes } from 'node:crypto'
import { rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { holdBack } from '../../scripts/hold-back.js'
import { kind } from './reports.js'
import { twoPeople } from './two-people.js'

describe('the state folder of one side is lost', function () {
  this.timeout(120_000)
  const people = twoPeople('lost', { env: { JABBERFS_TRUST: 'every' } })
  const { start, run } = people

  it('of the receiver: the sender ends it, hears when it is over, and waits no more', async () => {
    const { faust, mephisto } = people.ground
    writeFileSync(join(people.dir, 'vast.bin'), '')
    truncateSync(join(people.dir, 'vast.bin'), 2 ** 30)
    const receiving = start(mephisto, '--json', 'receive', '--from', 'contacts', '--into', people.into)
    await receiving.until(kind('listening'))
    const sending = start(faust, 'send', 'vast.bin', mephisto.jid)
    holdBack(receiving)
    await receiving.until((report) => report.report === 'progress' && report.bytes > 0)
    receiving.kill('SIGKILL')
    await receiving.ended
    rmSync(mephisto.state, { recursive: true })
    await sending.untilPrinted('Where their device is no more, `jabberfs abort ')
    const listed = await run(faust, '--json', 'transfers')
    const { key } = listed.reports.find(kind('transfer'))!
    const aborted = await run(faust, 'abort', key)
    expect(aborted.code, aborted.output).to.equal(0)
    expect(aborted.output).to.contain('aborted; over when the other side has heard of it')
    expect((await sending.ended).code, sending.output()).to.equal(10)
    expect(sending.output()).to.match(/aborted\. It is over when their device has heard of it/)
    expect((await run(faust, 'transfers')).output).to.contain('over when the other side has heard of it')
  })

  it('of one’s own, who offered to another device of his: it is said for whom it waits, and `abort` ends it', async () => {
    const { faust } = people.ground
    writeFileSync(join(people.dir, 'own.bin'), randomBytes(1_000))
    const offered = await run(faust, 'send', 'own.bin', faust.jid, '--wait', '0')
    expect(offered.code, offered.output).to.equal(18)
    rmSync(faust.state, { recursive: true })
    const receiving = start(faust, 'receive', '--from', 'contacts', '--into', people.into)
    await receiving.untilPrinted('is not there, or has not gone on with it')
    const key = /`jabberfs abort ([0-9a-f]+)` ends it/.exec(receiving.output())?.[1]
    const aborted = await run(faust, 'abort', key!)
    expect(aborted.code, aborted.output).to.equal(0)
    expect((await run(faust, 'transfers')).output).to.contain('nothing is unfinished')
  })
})
