/** Sending to somebody who is not there: the offer stands, and whoever holds the state folder goes on with it. */
import { createHash, randomBytes } from 'node:crypto'
import { readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { writeAccountFile } from '../../cli/account.js'
import type { Report } from '../../cli/words.js'
import { holdBack } from '../../scripts/hold-back.js'
import type { Person } from '../../scripts/playground.js'
import { kind } from './reports.js'
import { twoPeople } from './two-people.js'

const offerOf = (filename: string) => (report: Report) =>
  report.report === 'offer' && report.filename === filename
const finishedOf = (filename: string) => (report: Report) =>
  report.report === 'finished' && report.filename === filename

describe('sending to somebody who is not there', function () {
  this.timeout(180_000)
  const people = twoPeople('absent')
  const { start, run } = people
  const file = (name: string): string => {
    writeFileSync(join(people.dir, name), randomBytes(2_000_000))
    return join(people.dir, name)
  }
  const sum = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex')

  it('that has begun is waited for as long as `resume` is told, and stays what it was', async () => {
    const { faust, mephisto } = people.ground
    const path = join(people.dir, 'begun.bin')
    writeFileSync(path, '')
    truncateSync(path, 2 ** 29)
    const receiving = start(mephisto, '--json', 'receive', '--from', 'contacts', '--into', people.into)
    await receiving.until(kind('listening'))
    const sending = start(faust, '--json', 'send', path, mephisto.jid)
    holdBack(sending)
    await receiving.until((report) => report.report === 'progress' && report.bytes > 0)
    for (const child of [receiving, sending]) child.kill('SIGKILL')
    await Promise.all([receiving.ended, sending.ended])

    for (const [who, other] of [
      [faust, mephisto],
      [mephisto, faust],
    ] as const) {
      const resumed = await run(who, '--json', 'resume', '--wait', '1s')
      expect(resumed.code, resumed.output).to.equal(8)
      const failed = resumed.reports.find(kind('failed'))
      expect(failed).to.include({ code: 'unreachable', resumable: true, filename: 'begun.bin' })
      expect(resumed.output).to.contain(`${other.jid} is not there`)
      const listed = await run(who, '--json', 'transfers')
      expect(listed.reports.filter(kind('transfer'))).to.have.length(1)
    }
  })

  it('ends with 18, and `serve` sends it when both are there, whoever was ended meanwhile (case 23)', async () => {
    const { faust, mephisto } = people.ground
    const path = file('later.bin')
    const sent = await run(faust, 'send', path, mephisto.jid, '--wait', '0', '--no-message')
    expect(sent.code, sent.output).to.equal(18)
    expect(sent.output).to.contain('not answered yet').and.to.contain('jabberfs serve')
    const listed = await run(faust, '--json', 'transfers')
    const [row] = listed.reports.filter(kind('transfer'))
    expect(row).to.include({ filename: 'later.bin', state: 'proposed', peer: mephisto.jid })

    // He accepts while the author is away; then one after the other begins again.
    const rule = ['--json', 'receive', '--from', 'contacts', '--into', people.into]
    const receiving = start(mephisto, ...rule)
    await receiving.until(offerOf('later.bin'))
    await receiving.until((report) => report.report === 'state' && report.state === 'linking')
    receiving.kill('SIGKILL')
    await receiving.ended
    const serving = start(faust, '--json', 'serve')
    await serving.until(kind('serving'))
    const again = start(mephisto, ...rule)
    await again.until(finishedOf('later.bin'))
    await serving.until(finishedOf('later.bin'))
    expect(sum(join(people.into, 'later.bin'))).to.equal(sum(path))
  })

  it('is shown once to who comes while they wait', async () => {
    const { faust, mephisto } = people.ground
    // His device is known, so that nothing is slower than what waits for him.
    expect((await run(mephisto, 'peers')).code).to.equal(0)
    for (const name of ['one.bin', 'two.bin', 'three.bin', 'four.bin']) {
      const sending = start(faust, '--json', 'send', file(name), mephisto.jid, '--no-message')
      await sending.until(kind('state'))
      const receiving = start(
        mephisto,
        '--json',
        'receive',
        '--from',
        'nobody@localhost',
        '--into',
        people.dir,
      )
      await receiving.until(offerOf(name))
      await new Promise((resolve) => setTimeout(resolve, 500))
      expect(receiving.reports.filter(offerOf(name)), receiving.output()).to.have.length(1)
      for (const child of [receiving, sending]) child.kill('SIGINT')
      await Promise.all([receiving.ended, sending.ended])
    }
  })

  it('is taken back by `abort`, and then nobody is offered it', async () => {
    const { faust, mephisto } = people.ground
    const sent = await run(
      faust,
      '--json',
      'send',
      file('never.bin'),
      mephisto.jid,
      '--wait',
      '0',
      '--expires',
      '2h',
    )
    expect(sent.code, sent.output).to.equal(18)
    const failed = sent.reports.find(kind('failed'))!
    expect(failed).to.include({ code: 'unanswered', resumable: true, state: 'proposed' })
    const aborted = await run(faust, 'abort', failed.key)
    expect(aborted.code, aborted.output).to.equal(0)
    expect((await run(faust, 'transfers')).output).to.contain('nothing is unfinished')
    const other = await run(
      faust,
      '--json',
      'send',
      file('other.bin'),
      mephisto.jid,
      '--wait',
      '0',
      '--no-message',
    )
    expect(other.code, other.output).to.equal(18)
    const receiving = start(mephisto, '--json', 'receive', '--from', 'contacts', '--into', people.into)
    await receiving.until(offerOf('other.bin'))
    expect(receiving.reports.filter(offerOf('never.bin'))).to.deep.equal([])
    // Else those who come after us would know this device of his, which is no more, and ask whether another is his.
    const { key } = other.reports.find(kind('failed'))!
    expect((await run(faust, 'abort', key)).code).to.equal(0)
  })

  it('is said to be over, to whom it was shown, when another device has taken it or it is taken back', async () => {
    const { faust, mephisto } = people.ground
    const phone: Person = {
      ...mephisto,
      config: join(people.dir, 'phone.toml'),
      state: join(people.dir, 'phone-state'),
    }
    writeAccountFile(phone.config, {
      jid: phone.jid,
      password: phone.password,
      service: people.ground.prosody.service,
      component: people.ground.prosody.componentDomain,
      state: phone.state,
    })
    const asked = start(phone, '--json', 'receive', '--from', 'nobody@localhost', '--into', people.into)
    await asked.until(kind('listening'))
    const sending = start(faust, '--json', 'send', file('back.bin'), mephisto.jid)
    await asked.until(offerOf('back.bin'))
    const { key } = (await sending.until(kind('state'))) as Extract<Report, { report: 'state' }>
    expect((await run(faust, 'abort', key)).code).to.equal(0)
    const gone = kind('offer-gone')
    expect(await asked.until(gone)).to.include({ filename: 'back.bin', why: 'withdrawn' })
    start(faust, '--json', 'send', file('taken.bin'), mephisto.jid)
    await asked.until(offerOf('taken.bin'))
    start(mephisto, '--json', 'receive', '--from', 'contacts', '--into', people.into)
    const taken = await asked.until(
      (report) => gone(report) && (report as { filename: string }).filename === 'taken.bin',
    )
    expect(taken).to.include({ why: 'taken' })
  })

  it('hears strangers only where they are named, and says of whom it hears that he is none', async () => {
    const { mephisto, prosody, faust } = people.ground
    const config = join(people.dir, 'gretchen.toml')
    const gretchen: Person = {
      jid: prosody.addUser('gretchen', 'secret'),
      password: 'secret',
      config,
      state: join(people.dir, 'gretchen'),
    }
    const { service, componentDomain: component } = prosody
    writeAccountFile(config, {
      jid: gretchen.jid,
      password: 'secret',
      service,
      component,
      state: gretchen.state,
    })
    const send = (who: Person, name: string) => run(who, 'send', file(name), mephisto.jid, '--wait', '0')
    expect((await send(gretchen, 'stranger.bin')).code).to.equal(18)
    expect((await send(faust, 'friend.bin')).code).to.equal(18)
    const contactsOnly = start(mephisto, '--json', 'receive', '--from', 'contacts', '--into', people.into)
    await contactsOnly.until(offerOf('friend.bin'))
    expect(contactsOnly.reports.filter(offerOf('stranger.bin'))).to.deep.equal([])
    contactsOnly.kill('SIGKILL')
    await contactsOnly.ended
    const all = start(mephisto, '--json', 'receive', '--from', 'localhost', '--into', people.into)
    const heard = await all.until(offerOf('stranger.bin'))
    expect(heard).to.include({ peer: gretchen.jid, contact: false, asked: false })
  })
})
