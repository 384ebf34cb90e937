/** A command that runs for long, and cannot come back to its server: it says why, and whoever asks through it hears so. */
import { EventEmitter } from 'node:events'
import { expect } from 'chai'
import { Absence } from '../../cli/holder/absence.js'
import type { Report } from '../../cli/words.js'
import { FileTransferError } from '../../client-plugin/index.js'
import { kind } from './reports.js'
import { twoPeople } from './two-people.js'

const shutOut = (report: Report) => report.report === 'away' && report.code === 'wrong-password'

describe('an absence', () => {
  it('is said once each time, why it lasts where that is for the person to mend, and nothing when it is wanted', () => {
    const entity = Object.assign(new EventEmitter(), { status: 'online' })
    const files = Object.assign(new EventEmitter(), { isReady: true })
    const said: string[] = []
    const report = (each: Report) => said.push('code' in each ? each.code : each.report)
    const watched = { entity, files } as unknown as ConstructorParameters<typeof Absence>[0]
    const absence = new Absence(watched, { jid: 'faust@goethe.example' }, report)
    const lose = () => {
      Object.assign(files, { isReady: false })
      files.emit('away', new FileTransferError('component-away'))
      entity.status = 'disconnect'
      for (const code of ['ECONNREFUSED', 'ECONNREFUSED']) entity.emit('error', { code })
    }
    lose()
    expect(absence.trouble).to.include({ code: 'server-unreachable' })
    for (let i = 0; i < 2; i++) entity.emit('error', { condition: 'not-authorized' })
    files.emit('ready')
    expect(absence.trouble).to.equal(undefined)
    lose()
    expect(said).to.deep.equal(['component-away', 'wrong-password', 'back', 'component-away'])
    files.emit('ready')
    absence.end()
    lose()
    expect(said.slice(4)).to.deep.equal(['back'])
  })
})

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
