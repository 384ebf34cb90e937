/** What a command says of itself when it goes on after something else has ended: no word twice, and how that ended. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { kind } from './reports.js'
import { twoPeople } from './two-people.js'

describe('a command after the end of another thing', function () {
  this.timeout(120_000)
  const people = twoPeople('once')
  const start = (...args: string[]) => people.start(people.ground.faust, ...args)
  const run = (...args: string[]) => people.run(people.ground.faust, ...args)

  it('`watch` says once what it saves, though it goes on by itself when the one that it went through ends', async () => {
    const holder = start('--json', 'serve')
    await holder.until(kind('serving'))
    const watching = start('watch', 'girl')
    const forPrograms = start('--json', 'watch', 'poodle')
    await watching.untilPrinted('saved as w')
    await forPrograms.until(kind('watching'))
    holder.kill('SIGKILL')
    await holder.ended
    // One of the two holds the folder next, and the other goes through it.
    const relayed = () => forPrograms.reports.filter(kind('watching')).length > 1
    for (let tries = 0; !relayed() && tries < 200; tries++) await new Promise((go) => setTimeout(go, 100))
    await new Promise((go) => setTimeout(go, 2_000))
    expect(relayed(), forPrograms.output()).to.equal(true)
    expect(watching.output().match(/saved as/g), watching.output()).to.have.length(1)
    for (const child of [watching, forPrograms]) child.kill('SIGINT')
    await Promise.all([watching.ended, forPrograms.ended])
  })

  it('`abort` of what has ended says how that ended, and ends with 15', async () => {
    writeFileSync(join(people.dir, 'small.txt'), 'Habe nun, ach!')
    const sent = await run('send', 'small.txt', people.ground.mephisto.jid, '--wait', '0', '--no-message')
    expect(sent.code, sent.output).to.equal(18)
    const listed = await run('--json', 'transfers')
    const row = listed.reports.find(kind('transfer'))!
    const holder = start('--json', 'serve')
    await holder.until(kind('serving'))
    expect((await run('abort', row.key)).code).to.equal(0)
    const expectPast = async () => {
      const { code, output } = await run('abort', row.key)
      expect(code, output).to.equal(15)
      expect(output).to.contain('“small.txt” has ended already: it is aborted').and.not.to.contain('See its')
    }
    await expectPast()
    holder.kill('SIGTERM')
    await holder.ended
    await expectPast()
  })
})
