/** What the journal and the book of devices have written is on the disk when the call returns. What the system was asked is seen by strace. */

import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { canInject } from '../bytes/faults/fault.js'

const built = (path: string) => JSON.stringify(new URL(`../../client-plugin/${path}`, import.meta.url).href)

describe('the state of a device', function () {
  this.timeout(60_000)
  let folder: string
  before(function () {
    if (!canInject) this.skip()
    folder = mkdtempSync(join(tmpdir(), 'jabberfs-durable-'))
  })
  after(() => folder && rmSync(folder, { recursive: true, force: true }))

  /** Each step with whether all that it wrote to a file was synced before the next one began. */
  function synced(file: string, program: string): Record<string, boolean> {
    const log = join(folder, 'calls')
    const calls = 'trace=write,pwrite64,fsync,fdatasync'
    const head = `import { writeSync } from 'node:fs'
      const folder = process.argv[1]
      const step = (name, work) => { writeSync(1, 'step ' + name + ';'); return work() }
      ${program}
      writeSync(1, 'step end;')
      process.exit()`
    const args = ['-f', '-y', '-s', '200', '-o', log, '-e', calls, process.execPath, '--input-type=module']
    const { status, stderr } = spawnSync('strace', [...args, '-e', head, folder], { encoding: 'utf8' })
    expect(status, stderr).to.equal(0)
    const found: Record<string, boolean> = {}
    let name: string | undefined
    let isWritten = false
    for (const line of readFileSync(log, 'utf8').split('\n')) {
      const next = /write\(1<.*"step ([^;]+);"/.exec(line)?.[1]
      if (next !== undefined) {
        name = next
        isWritten = false
      } else if (name !== undefined && line.includes(`/${file}-wal>`)) {
        if (line.includes('pwrite64(')) isWritten = true
        if (isWritten) found[name] = /f(data)?sync\(/.test(line)
      }
    }
    return found
  }

  it('has in the journal what was said to be there, also after what need not be (P6)', () => {
    const steps = synced(
      'journal.sqlite',
      `import { Journal } from ${built('journal/journal.js')}
      const journal = new Journal(folder)
      const draft = { authored: true, direction: 'sending', peer: 'a@h', filename: 'f', phase: 'proposed', attempt: 0, created: 0 }
      const one = step('add', () => journal.add({ ...draft, id: 'one' }))
      const two = step('add with another', () => journal.add({ ...draft, id: 'two' }, one))
      step('put', () => journal.put({ ...one, phase: 'running' }))
      step('put two', () => journal.put(one, two))
      step('put soon', () => journal.putSoon({ ...one, phase: 'running' }))
      step('put after that', () => journal.put({ ...two, phase: 'running' }))
      step('remember', () => journal.remember('a', 'word'))
      step('account', () => journal.accountIs('a@h'))`,
    )
    expect(steps).to.deep.equal({
      add: true,
      'add with another': true,
      put: true,
      'put two': true,
      'put soon': false,
      'put after that': true,
      remember: true,
      account: true,
    })
  })

  it('has in the book of devices who is trusted, and who no more (P25)', () => {
    const steps = synced(
      'devices.sqlite',
      `import { DeviceBook } from ${built('trust/device-book.js')}
      const book = new DeviceBook(folder)
      step('first', () => book.remember('a@h', 'a'.repeat(64), 'first-use', 1))
      step('revoked', () => book.remember('a@h', 'a'.repeat(64), 'revoked', 2))
      step('path', () => book.choosePath('a@h', 'relay'))
      step('forgotten', () => book.forgetAll('a@h'))`,
    )
    expect(steps).to.deep.equal({ first: true, revoked: true, path: true, forgotten: true })
  })
})
