/** What a pause is to the side that did not ask for it, and what the end of a paused transfer is to the one that did. */
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import type { Report } from '../../cli/words.js'
import { type ChildCommand, startCommand } from '../../scripts/child-command.js'
import { holdBack } from '../../scripts/hold-back.js'
import { type Person, type Playground, startPlayground } from '../../scripts/playground.js'

type Progress = Extract<Report, { report: 'progress' }>
const kind = (name: Report['report']) => (report: Report) => report.report === name

describe('a transfer that one side pauses', function () {
  this.timeout(120_000)
  let ground: Playground
  let dir: string
  const children: ChildCommand[] = []

  before(async () => {
    ground = await startPlayground()
    dir = mkdtempSync(join(tmpdir(), 'jabberfs-paused-'))
    mkdirSync(join(dir, 'into'))
  })
  after(async () => {
    for (const child of children) child.kill('SIGKILL')
    await Promise.all(children.map(({ ended }) => ended))
    await ground.stop()
    rmSync(dir, { recursive: true, force: true })
  })

  const start = (who: Person, ...args: string[]): ChildCommand => {
    const child = startCommand(['--json', ...args], { env: { JABBERFS_CONFIG: who.config }, cwd: dir })
    children.push(child)
    return child
  }

  it('goes on for the other from what is there, not from nothing; and ends at once for both who are there', async () => {
    const { faust, mephisto } = ground
    writeFileSync(join(dir, 'big.bin'), '')
    truncateSync(join(dir, 'big.bin'), 2 ** 30)
    const receiving = start(mephisto, 'receive', '--from', 'contacts', '--into', join(dir, 'into'))
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
    const shown = sending.reports.filter((report): report is Progress => report.report === 'progress')
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
