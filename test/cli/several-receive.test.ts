/** Several `receive` commands of one account at once: one process holds the folder, and each command has a place of its own for files. */
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import type { Report } from '../../cli/words.js'
import type { Person } from '../../scripts/playground.js'
import { kind } from './reports.js'
import { twoPeople } from './two-people.js'

describe('several receive commands of one account', function () {
  this.timeout(120_000)
  const people = twoPeople('several-receive')
  const { start, run } = people
  const folder = (name: string): string => {
    mkdirSync(join(people.dir, name))
    return join(people.dir, name)
  }
  const send = async (from: Person, to: Person, name: string) => {
    writeFileSync(join(people.dir, name), name)
    const { code, output } = await run(from, 'send', name, to.jid)
    expect(code, output).to.equal(0)
  }
  const finished = (name: string) => (report: Report) =>
    report.report === 'finished' && report.filename === name

  it('the one that was begun last takes what both would, into its folder; with `--once` one, and the next goes to the other', async () => {
    const { faust, mephisto } = people.ground
    const [usual, once] = [folder('usual'), folder('once')]
    const serving = start(mephisto, '--json', 'serve', '--from', faust.jid, '--into', usual)
    await serving.until(kind('serving'))
    const receiving = start(mephisto, '--json', 'receive', '--from', 'contacts', '--into', once, '--once')
    await receiving.until(kind('listening'))
    await send(faust, mephisto, 'one.txt')
    expect((await receiving.ended).code, receiving.output()).to.equal(0)
    await send(faust, mephisto, 'two.txt')
    await serving.until(finished('two.txt'))
    expect([readdirSync(once), readdirSync(usual)]).to.deep.equal([['one.txt'], ['two.txt']])
  })

  it('what another one has taken is not the transfer that `--once` waits for', async () => {
    const { faust, mephisto } = people.ground
    const [usual, once] = [folder('usual'), folder('once')]
    const all = start(mephisto, '--json', 'receive', '--from', faust.jid, '--into', usual)
    await all.until(kind('listening'))
    const rule = ['--from', 'nobody@localhost', '--into', once, '--once']
    const receiving = start(mephisto, '--json', 'receive', ...rule)
    await receiving.until(kind('listening'))
    await send(faust, mephisto, 'one.txt')
    await all.until(finished('one.txt'))
    expect((await run(mephisto, 'transfers')).code).to.equal(0)
    expect(receiving.process.exitCode, receiving.output()).to.equal(null)
    receiving.kill('SIGINT')
    expect((await receiving.ended).code, receiving.output()).to.equal(0)
    expect([readdirSync(once), readdirSync(usual)]).to.deep.equal([[], ['one.txt']])
  })
})
