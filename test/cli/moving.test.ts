/** The command as people use it: two of them on a private server, in processes of their own. */
import { createHash, randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import type { Report } from '../../cli/words.js'
import type { ChildCommand } from '../../scripts/child-command.js'
import { holdBack } from '../../scripts/hold-back.js'
import type { Person } from '../../scripts/playground.js'
import { kind } from './reports.js'
import { twoPeople } from './two-people.js'

describe('the command', function () {
  this.timeout(180_000)
  // With each test both have new devices, and offers of their old ones may still stand.
  const people = twoPeople('moving', { env: { JABBERFS_TRUST: 'every' } })
  const { start } = people
  const receiver = async (who: Person, ...args: string[]): Promise<ChildCommand> => {
    const child = start(who, '--json', 'receive', ...args)
    await child.until(kind('listening'))
    return child
  }
  const makeFile = (name: string, bytes: number): string => {
    writeFileSync(join(people.dir, name), randomBytes(bytes))
    return join(people.dir, name)
  }
  const sum = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex')
  const code = async (child: ChildCommand) => (await child.ended).code

  it('sends several files, and both ends say so', async () => {
    const { faust, mephisto } = people.ground
    const files = [makeFile('a.bin', 3_000_000), makeFile('b.bin', 0)]
    const receiving = await receiver(mephisto, '--from', faust.jid, '--into', people.into)
    const sending = start(faust, '--json', 'send', ...files, mephisto.jid, '--description', 'two')
    expect(await code(sending), sending.output()).to.equal(0)
    for (const name of ['a.bin', 'b.bin']) {
      await receiving.until((report) => report.report === 'finished' && report.filename === name)
      expect(sum(join(people.into, name))).to.equal(sum(join(people.dir, name)))
    }
    receiving.kill('SIGINT')
    expect(await code(receiving)).to.equal(0)
    expect(readdirSync(people.into).sort()).to.deep.equal(['a.bin', 'b.bin'])
  })

  it('puts what has a taken name beside it, and with `--on-conflict resume` fetches only what is missing there', async () => {
    const { faust, mephisto } = people.ground
    const song = makeFile('song.bin', 6 * 2 ** 20)
    const whole = readFileSync(song)
    const held = whole.subarray(0, 4 * 2 ** 20 + 5)
    writeFileSync(join(people.into, 'song.bin'), held)
    // Nothing said means `rename`.
    for (const [more, place, moved] of [
      [[], 'song (1).bin', whole.length],
      [['--on-conflict', 'rename'], 'song (2).bin', whole.length],
      [['--on-conflict', 'resume'], 'song (3).bin', 2 * 2 ** 20],
    ] as const) {
      const receiving = await receiver(
        mephisto,
        '--from',
        faust.jid,
        '--into',
        people.into,
        '--once',
        ...more,
      )
      const sending = start(faust, '--json', 'send', song, mephisto.jid)
      expect(await code(sending), sending.output()).to.equal(0)
      expect(await code(receiving), receiving.output()).to.equal(0)
      const [finished] = receiving.reports.filter(kind('finished'))
      expect(finished).to.include({ path: join(people.into, place), bytesMoved: moved })
      expect(sum(join(people.into, place))).to.equal(sum(song))
      expect(readFileSync(join(people.into, 'song.bin')).equals(held)).to.equal(true)
    }
  })

  it('prints plain lines into a pipe: no bars, no colours, a line for each tenth at most', async () => {
    const { faust, mephisto } = people.ground
    const file = makeFile('plain.bin', 20_000_000)
    const receiving = start(mephisto, 'receive', '--from', faust.jid, '--into', people.into, '--once')
    const sending = start(faust, 'send', file, mephisto.jid)
    expect(await code(sending), sending.output()).to.equal(0)
    expect(await code(receiving), receiving.output()).to.equal(0)
    for (const child of [sending, receiving]) {
      expect(child.output()).not.to.match(/(?!\n)\p{Cc}/u)
      expect(child.output().split('\n').length).to.be.at.most(20)
    }
    expect(sending.output()).to.match(/plain\.bin \(20\.0 MB\) to mephisto@localhost: arrived, verified/)
    expect(receiving.output()).to.match(/verified, .*plain\.bin/)
  })

  it('shows peers’ words escaped, on one line (cases 87 and 106)', async () => {
    const { faust, mephisto } = people.ground
    const file = makeFile('holiday\u202egpj.exe', 10)
    const receiving = start(mephisto, 'receive', '--from', faust.jid, '--into', people.into, '--once')
    const sending = start(faust, 'send', file, mephisto.jid, '-d', 'look\u009b2J\u2028here')
    await Promise.all([sending.ended, receiving.ended])
    expect(receiving.output()).to.contain('holiday\\u{202e}gpj.exe')
    expect(receiving.output()).to.contain('“look\\x9b2J\\u{2028}here”')
    expect(receiving.output()).not.to.match(/[\u009b\u202e\u2028]/)
    expect(readFileSync(people.ground.componentLog, 'utf8')).not.to.match(/[\u009b\u202e\u2028]/)
  })

  it('goes on after kill -9 of both ends, by `receive` and `resume`', async () => {
    const { faust, mephisto } = people.ground
    const file = makeFile('walpurgis.bin', 96 * 1024 * 1024)
    const first = await receiver(mephisto, '--from', faust.jid, '--into', people.into)
    const sending = start(faust, '--json', 'send', file, mephisto.jid)
    holdBack(sending)
    await first.until(
      (report) => report.report === 'progress' && report.bytes > 0 && report.bytes < report.total,
    )
    sending.kill('SIGKILL')
    first.kill('SIGKILL')
    await Promise.all([sending.ended, first.ended])
    expect(existsSync(join(people.into, 'walpurgis.bin'))).to.equal(false)
    // Where it stands is seen before anything goes on.
    const listing = start(mephisto, 'transfers')
    expect(await code(listing), listing.output()).to.equal(0)
    expect(listing.output()).to.match(/paused [1-9]\d? % {2}walpurgis\.bin \(101 MB\)/)
    const asJson = start(mephisto, '--json', 'transfers')
    expect(await code(asJson), asJson.output()).to.equal(0)
    const [stands] = asJson.reports.filter(kind('transfer')) as Extract<Report, { report: 'transfer' }>[]
    expect(stands?.bytes)
      .to.be.greaterThan(0)
      .and.lessThan(96 * 1024 * 1024)
    const second = await receiver(mephisto, '--into', people.into, '--from', faust.jid, '--once')
    const resuming = start(faust, '--json', 'resume')
    holdBack(resuming)
    expect(await code(resuming), resuming.output()).to.equal(0)
    expect(await code(second), second.output()).to.equal(0)
    const progress = second.reports.filter(kind('progress')) as Extract<Report, { report: 'progress' }>[]
    expect(progress[0]?.resumedFrom).to.be.greaterThan(0)
    // What is held counts from the start, and the rest is shown as it comes.
    const between = progress.filter(({ bytes, resumedFrom, total }) => resumedFrom < bytes && bytes < total)
    expect(between, second.output()).not.to.have.length(0)
    expect(sum(join(people.into, 'walpurgis.bin'))).to.equal(sum(file))
    expect(readdirSync(people.into)).to.deep.equal(['walpurgis.bin'])
  })

  it('receives `--once` what is offered now, when what was begun earlier has been aborted meanwhile', async () => {
    const { faust, mephisto } = people.ground
    const file = makeFile('early.bin', 96 * 1024 * 1024)
    const first = await receiver(mephisto, '--from', faust.jid, '--into', people.into)
    const sending = start(faust, '--json', 'send', file, mephisto.jid)
    holdBack(sending)
    const isMoving = (report: Report) => report.report === 'progress' && report.bytes > 0
    const { key } = (await first.until(isMoving)) as Extract<Report, { report: 'progress' }>
    for (const child of [first, sending]) child.kill('SIGKILL')
    await Promise.all([first.ended, sending.ended])
    const aborting = start(faust, 'abort', key)
    expect(await code(aborting), aborting.output()).to.equal(0)
    const second = await receiver(mephisto, '--from', faust.jid, '--into', people.into, '--once')
    // It hears of the abort when it logs in, or in a moment.
    const later = start(faust, '--json', 'send', makeFile('late.bin', 1_000), mephisto.jid)
    expect(await code(later), later.output()).to.equal(0)
    expect(await code(second), second.output()).to.equal(0)
    expect(readdirSync(people.into).filter((name) => !name.startsWith('.'))).to.deep.equal(['late.bin'])
    // Each stand once, and none after the end.
    for (const { reports } of [later, second]) {
      const told = reports.filter(kind('progress')).map((report) => JSON.stringify(report))
      expect(new Set(told).size).to.equal(told.length)
      expect(reports.map(({ report }) => report).lastIndexOf('progress')).to.be.lessThan(
        reports.findIndex((report) => report.report === 'state' && report.state === 'complete'),
      )
    }
  })

  it('takes the key that was printed before anybody accepted, and shows both', async () => {
    const { faust, mephisto } = people.ground
    const file = makeFile('key.bin', 96 * 1024 * 1024)
    const offering = start(faust, '--json', 'send', file, mephisto.jid, '--wait', '0s')
    expect(await code(offering), offering.output()).to.equal(18)
    const { key } = offering.reports.find(kind('failed')) as Extract<Report, { report: 'failed' }>
    const receiving = await receiver(mephisto, '--from', faust.jid, '--into', people.into, '--once')
    const letGo = holdBack(receiving)
    const resuming = start(faust, 'resume', key)
    await receiving.until((report) => report.report === 'progress' && report.bytes > 0)
    letGo()
    receiving.kill('SIGSTOP')
    resuming.kill('SIGINT')
    await resuming.untilPrinted('goes on')
    receiving.kill('SIGCONT')
    expect(await code(resuming), resuming.output()).to.equal(130)
    const listed = start(faust, 'transfers')
    expect(await code(listed)).to.equal(0)
    expect(listed.output()).to.contain(`known as ${key} until it was accepted`)
    const again = start(faust, 'resume', key)
    expect(await code(again), again.output()).to.equal(0)
    expect(await code(receiving), receiving.output()).to.equal(0)
  })

  it('pauses at Ctrl-C, says how to go on, and goes on', async () => {
    const { faust, mephisto } = people.ground
    const file = makeFile('pause.bin', 96 * 1024 * 1024)
    const receiving = await receiver(mephisto, '--from', faust.jid, '--into', people.into, '--once')
    const letGo = holdBack(receiving)
    const sending = start(faust, 'send', file, mephisto.jid)
    await receiving.until((report) => report.report === 'state' && report.state === 'moving')
    letGo()
    // The side that reads is stopped, so that it is not over before the other has heard the interrupt.
    receiving.kill('SIGSTOP')
    sending.kill('SIGINT')
    const ended = code(sending)
    await sending.untilPrinted('goes on')
    receiving.kill('SIGCONT')
    expect(await ended, sending.output()).to.equal(130)
    const hint = /`jabberfs resume ([0-9a-f]{32})` goes on/.exec(sending.output())
    expect(hint, sending.output()).not.to.equal(null)
    const resuming = start(faust, 'resume', hint![1]!)
    expect(await code(resuming), resuming.output()).to.equal(0)
    expect(await code(receiving), receiving.output()).to.equal(0)
    expect(sum(join(people.into, 'pause.bin'))).to.equal(sum(file))
  })

  it('gets a file by its name from a served folder, and never by a path', async () => {
    const { faust, mephisto } = people.ground
    const shelf = join(people.dir, 'shelf')
    mkdirSync(shelf)
    writeFileSync(join(shelf, 'urfaust.txt'), 'Hab nun ach die Philosophey')
    writeFileSync(join(shelf, '.hidden'), 'no')
    writeFileSync(join(people.dir, 'secret.txt'), 'no')
    const serving = await receiver(faust, '--serve', shelf)
    const getting = start(mephisto, '--json', 'get', faust.jid, 'urfaust.txt', '--into', people.into)
    expect(await code(getting), getting.output()).to.equal(0)
    expect(readFileSync(join(people.into, 'urfaust.txt'), 'utf8')).to.match(/^Hab nun/)
    for (const name of ['../secret.txt', join(people.dir, 'secret.txt'), '.hidden', 'none.txt']) {
      const refused = start(mephisto, '--json', 'get', faust.jid, name, '--into', people.into)
      expect(await code(refused), refused.output()).to.be.oneOf([9, 12])
    }
    serving.kill()
    await serving.ended
    expect(readdirSync(people.into)).to.deep.equal(['urfaust.txt'])
  })

  it('goes through the jabberfs that runs already, whatever the second command is', async () => {
    const { faust, mephisto } = people.ground
    const file = makeFile('through.bin', 500_000)
    const holder = await receiver(faust, '--from', mephisto.jid, '--into', people.into)
    const other = await receiver(mephisto, '--from', faust.jid, '--into', people.into)
    const sending = start(faust, '--json', 'send', file, mephisto.jid)
    expect(await code(sending), sending.output()).to.equal(0)
    expect(sending.reports[0]).to.deep.equal({ report: 'relayed', pid: holder.process.pid })
    expect(sending.reports.some(kind('finished'))).to.equal(true)
    const listing = start(faust, '--json', 'transfers')
    expect(await code(listing)).to.equal(0)
    // What has ended is not unfinished, though the holder still knows it.
    expect(listing.reports.filter(kind('transfer'))).to.have.length(0)
    expect(listing.reports.some(kind('nothing'))).to.equal(true)
    other.kill()
    holder.kill()
    expect(await code(holder)).to.equal(0)
    const alone = start(faust, '--json', 'transfers')
    expect(await code(alone)).to.equal(0)
  })

  it('leaves an unanswered offer standing at Ctrl-C, alone and through another, and says so', async () => {
    const { faust, mephisto } = people.ground
    const file = makeFile('waits.bin', 1_000)
    const hint = /still offered; `jabberfs resume [^ `]+` waits on/
    const alone = start(faust, 'send', file, mephisto.jid)
    await alone.untilPrinted('waits for an answer')
    alone.kill('SIGINT')
    expect(await code(alone), alone.output()).to.equal(130)
    expect(alone.output()).to.match(hint).and.not.contain('paused')
    const holder = await receiver(faust, '--from', mephisto.jid, '--into', people.into)
    const relayed = start(faust, 'send', file, mephisto.jid)
    await relayed.untilPrinted('waits for an answer')
    relayed.kill('SIGINT')
    expect(await code(relayed), relayed.output()).to.equal(130)
    expect(relayed.output()).to.match(hint)
    const listing = start(faust, '--json', 'transfers')
    expect(await code(listing)).to.equal(0)
    const listed = listing.reports.filter(kind('transfer')) as Extract<Report, { report: 'transfer' }>[]
    expect(listed.map(({ state }) => state)).to.include('proposed')
    holder.kill()
    await holder.ended
  })

  it('takes the work over when the jabberfs that it goes through ends', async () => {
    const { faust, mephisto } = people.ground
    const file = makeFile('over.bin', 1_000)
    const holder = await receiver(mephisto, '--into', people.into, '--from', faust.jid)
    const relayed = await receiver(mephisto, '--into', people.into, '--from', faust.jid)
    expect(relayed.reports[0]).to.include({ report: 'relayed' })
    holder.kill('SIGKILL')
    await relayed.until(kind('connected'))
    const sending = start(faust, '--json', 'send', file, mephisto.jid)
    expect(await code(sending), sending.output()).to.equal(0)
    await relayed.until(kind('finished'))
  })

  it('ends with 9 when the other side declines, and with 10 for both when one aborts', async () => {
    const { faust, mephisto } = people.ground
    const file = makeFile('no.bin', 64 * 1024 * 1024)
    const serving = await receiver(faust, '--from', mephisto.jid, '--serve', people.into)
    const getting = start(mephisto, '--json', 'get', faust.jid, 'none', '--into', people.into)
    expect(await code(getting)).to.equal(9)
    expect(getting.reports.at(-1)).to.include({ report: 'failed', code: 'not-found' })
    serving.kill()
    await serving.ended

    const receiving = await receiver(mephisto, '--from', faust.jid, '--into', people.into, '--once')
    const letGo = holdBack(receiving)
    const sending = start(faust, '--json', 'send', file, mephisto.jid)
    const moving = (await sending.until(kind('progress'))) as Extract<Report, { report: 'progress' }>
    letGo()
    // Held back, so that it is not over before the other command has started.
    receiving.kill('SIGSTOP')
    const aborting = start(faust, 'abort', moving.key)
    expect(await code(aborting), aborting.output()).to.equal(0)
    receiving.kill('SIGCONT')
    expect(await code(sending), sending.output()).to.equal(10)
    expect(await code(receiving), receiving.output()).to.equal(10)
  })

  it('says where what came of an aborted one is kept, and removes it where that is wished, also later', async () => {
    const { faust, mephisto } = people.ground
    const file = makeFile('faust2.bin', 96 * 1024 * 1024)
    const holder = await receiver(mephisto, '--from', faust.jid, '--into', people.into)
    type Progress = Extract<Report, { report: 'progress' }>
    const begun = async (keys: string[]) => {
      const sending = start(faust, '--json', 'send', file, mephisto.jid)
      const letGo = holdBack(sending)
      const { key } = (await holder.until(
        (report) => report.report === 'progress' && report.bytes > 0 && !keys.includes(report.key),
      )) as Progress
      // It stays in the middle, however long the next command takes to start.
      letGo()
      sending.kill('SIGSTOP')
      return { key, sending }
    }
    const one = await begun([])
    const atOnce = start(mephisto, 'abort', one.key, '--discard')
    expect(await code(atOnce), atOnce.output()).to.equal(0)
    expect(atOnce.output()).to.contain('what had come of it is removed').and.not.contain('kept')
    expect(readdirSync(people.into)).to.deep.equal([])
    one.sending.kill('SIGCONT')
    expect(await code(one.sending), one.sending.output()).to.equal(10)

    const other = await begun([one.key])
    const aborting = start(mephisto, 'abort', other.key)
    expect(await code(aborting), aborting.output()).to.equal(0)
    const [part] = readdirSync(people.into).filter((name) => name.endsWith('.part'))
    expect(aborting.output())
      .to.contain(' that came are kept for 7 days')
      .and.contain(join(people.into, part!))
    const says = (report: Report) => report.report === 'left' && report.key === other.key
    const left = (await holder.until(says)) as Extract<Report, { report: 'left' }>
    expect(left).to.include({ path: join(people.into, part!), days: 7 })
    expect(left.bytes).to.be.greaterThan(0)
    other.sending.kill('SIGCONT')
    expect(await code(other.sending), other.sending.output()).to.equal(10)
    holder.kill('SIGINT')
    await holder.ended
    const discarding = start(mephisto, 'abort', other.key, '--discard')
    expect(await code(discarding), discarding.output()).to.equal(0)
    expect(discarding.output()).to.contain('what had come of it is removed')
    expect(readdirSync(people.into)).to.deep.equal([])
    const again = start(mephisto, 'abort', other.key, '--discard')
    expect(await code(again), again.output()).to.equal(0)
    expect(again.output()).to.contain('nothing is kept of it')
  })

  it('says once that the server is away, once that it is back, and works on', async () => {
    const { faust, mephisto, prosody } = people.ground
    const file = makeFile('back.bin', 1_000)
    const receiving = await receiver(mephisto, '--from', faust.jid, '--into', people.into)
    await prosody.kill()
    await receiving.until(kind('away'))
    await prosody.restart()
    await receiving.until(kind('back'))
    const sending = start(faust, '--json', 'send', file, mephisto.jid)
    expect(await code(sending), sending.output()).to.equal(0)
    await receiving.until(kind('finished'))
    expect(receiving.reports.filter(kind('away'))).to.have.length(1)
    expect(receiving.reports.filter(kind('back'))).to.have.length(1)
  })

  it('has no secret in its arguments, its output or the component’s log (case 107)', async () => {
    const { faust, mephisto, prosody } = people.ground
    const file = makeFile('quiet.bin', 100_000)
    const receiving = await receiver(mephisto, '--from', faust.jid, '--into', people.into)
    const sending = start(faust, '--json', 'send', file, mephisto.jid)
    const argv = [sending, receiving].map(({ process: { pid } }) =>
      readFileSync(`/proc/${pid}/cmdline`, 'utf8'),
    )
    await sending.ended
    await receiving.until(kind('finished'))
    const all = [
      ...argv,
      sending.output(),
      receiving.output(),
      readFileSync(people.ground.componentLog, 'utf8'),
    ].join('\n')
    for (const secret of [faust.password, mephisto.password, prosody.secret])
      expect(all).not.to.contain(secret)
    // Addresses are nobody's business at the level info (P22).
    expect(all).not.to.match(/\b127\.0\.0\.1\b|\b10\.\d+\.\d+\.\d+\b/)
  })
})
