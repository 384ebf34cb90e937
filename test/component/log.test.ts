/** What stands in the component's log. */

import { expect } from 'chai'
import { makeLog, quoted } from '../../component/log.js'

describe('the log', () => {
  it('has what peers wrote in one line, escaped and capped (case 106, P14)', () => {
    const evil = `a\nfake line\u001b[2J\u202egnp.exe\u0000\u2028${'x'.repeat(1_000_000)}`
    const said = quoted(evil)
    expect(said).to.match(/^[\x20-\x7e…]*$/)
    expect(said.length).to.be.lessThan(400)
    expect(said).to.include('\\u{1b}')
    expect(quoted('Margarete 🌹 Ü 漢')).to.equal('Margarete 🌹 Ü 漢')
  })

  it('is one JSON object a line, whatever is in it', () => {
    const lines: string[] = []
    const log = makeLog('info', { write: (line) => lines.push(line) })
    log.info({ peer: 'faust@goethe.example\n{"level":"error"}' }, 'a device has logged in')
    log.debug({ token: 'secret' }, 'not at this level')
    expect(lines).to.have.lengthOf(1)
    expect(lines[0]!.trim().split('\n')).to.have.lengthOf(1)
    expect(JSON.parse(lines[0]!)).to.include({ level: 'info', msg: 'a device has logged in' })
  })
})
