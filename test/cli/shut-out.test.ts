/** A command that runs for long, and cannot come back to its server: it says why, and whoever asks through it hears so. */
import { expect } from 'chai'
import type { Report } from '../../cli/words.js'
import { kind } from './reports.js'
import { twoPeople } from './two-people.js'

const shutOut = (report: Report) => report.report === 'away' && report.code === 'wrong-password'

describe('a command whose password is taken no more', function () {
  this.timeout(120_000)
  const people = twoPeople('shut-out')
  const { start, run } = people

  it('says so, and to whom asks through it, and goes on when it is taken again', async () => {
    const { faust, prosody } = people.ground
    const serving = start(faust, '--json', 'serve')
    await serving.until(kind('serving'))
    prosody.addUser('faust', 'another')
    await prosody.kill()
    await prosody.restart()
    const away = await serving.until(shutOut)
    expect(away).to.include({ says: `The server does not take this password for ${faust.jid}.` })
    expect((away as { todo: string }).todo)
      .to.contain('jabberfs login')
      .and.to.contain('begin it anew')

    const searched = await run(faust, 'search', 'girl')
    expect(searched.code, searched.output).to.equal(4)
    expect(searched.output).to.contain('does not take this password')
    const looked = await run(faust, '--json', 'doctor')
    expect(looked.code, looked.output).to.equal(4)
    const listed = await run(faust, 'transfers')
    expect(listed.code, 'what needs no server').to.equal(0)
    const watching = start(faust, '--json', 'watch', 'girl')
    await watching.until(shutOut)

    prosody.addUser('faust', faust.password)
    await serving.until(kind('back'))
    await watching.until(kind('watching'))
    expect(serving.reports.filter(shutOut)).to.have.length(1)
    expect(serving.reports.filter(kind('back'))).to.have.length(1)
  })
})
