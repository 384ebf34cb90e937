/**
 * Killed while the log of writes is brought into the file (case 57): strace ends the process at an exact write to the file itself, or
 * where it is to be flushed, which happens at no other time. Both files of the component.
 */

import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import Database from 'better-sqlite3'
import { expect } from 'chai'
import { openCatalogue } from '../../component/catalogue/catalogue.js'
import { openDatabase } from '../../component/store/open.js'
import { ok } from './catalogue/stage.js'

const canKill = spawnSync('strace', ['-f', '-e', 'trace=none', 'true']).status === 0
const writer = fileURLToPath(new URL('log-writer.js', import.meta.url))

/** Which call to the file ends the process. */
type Blow = [calls: 'pwrite64' | 'fdatasync,fsync', number: number]
const blows: Blow[] = [
  ['pwrite64', 2],
  ['pwrite64', 900],
  ['fdatasync,fsync', 1],
]

describe('killed while the log of writes is brought into the file', function () {
  this.timeout(180_000)
  let dir: string

  before(function () {
    if (!canKill) {
      console.warn(
        '      skipped: strace is needed to kill a process at one exact call (Debian: apt install strace)',
      )
      this.skip()
    }
  })
  beforeEach(() => {
    dir = realpathSync(mkdtempSync(join(tmpdir(), 'jabberfs-moving-')))
  })
  afterEach(() => rmSync(dir, { recursive: true, force: true }))

  /** @returns the last that it said is durable */
  async function killed(which: 'STORE' | 'CATALOGUE', path: string, [calls, number]: Blow): Promise<number> {
    const blow = `inject=${calls}:signal=SIGKILL:when=${number}`
    const args = ['-f', '-qq', '-o', '/dev/null', '-P', path, '-e', `trace=${calls}`, '-e', blow]
    const child = spawn('strace', [...args, process.execPath, writer], {
      env: { ...process.env, [which]: path },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let said = ''
    child.stdout.on('data', (chunk) => {
      said += chunk
    })
    const [, signal] = await new Promise<[number | null, string | null]>((resolve) =>
      child.once('close', (code, by) => resolve([code, by])),
    )
    expect(signal, said.slice(-100)).to.equal('SIGKILL')
    return Number(said.slice(0, said.lastIndexOf('\n')).split('\n').at(-1))
  }

  it('the store has all that it said is durable, and is sound (case 57, P7)', async () => {
    const path = join(dir, 'component.sqlite')
    openDatabase(path).close()
    for (const blow of blows) {
      const said = await killed('STORE', path, blow)
      const db = openDatabase(path)
      expect(db.pragma('integrity_check', { simple: true }), blow.join(' ')).to.equal('ok')
      const { count, last } = db
        .prepare('select count(*) as count, max(id) as last from offer where length(payload) = 20000')
        .get() as { count: number; last: number }
      expect(count, blow.join(' ')).to.be.at.least(said)
      expect(count).to.equal(last)
      db.close()
    }
  })

  it('the catalogue has each change that it said is durable, whole, and is sound (case 57, P7)', async () => {
    const path = join(dir, 'catalogue.sqlite')
    const name = { peer: 'faust@h', device: 'laptop', share: 'stuff' }
    await (await openCatalogue({ path, readers: 1 })).close()
    for (const blow of blows) {
      const said = await killed('CATALOGUE', path, blow)
      const db = new Database(path)
      expect(db.pragma('integrity_check', { simple: true }), blow.join(' ')).to.equal('ok')
      for (const index of ['words', 'word_part'])
        db.exec(`insert into ${index}(${index}) values ('integrity-check')`)
      db.close()
      const catalogue = await openCatalogue({ path, readers: 1 })
      expect(catalogue.opened.setAside).to.equal(undefined)
      const { held } = ok(await catalogue.held(name))
      expect(held, blow.join(' ')).to.be.at.least(said)
      const { items } = ok(await catalogue.shares(name.peer, name.peer, { max: 1 }))
      expect(items[0]!.value.files).to.equal(100 * held)
      await catalogue.close()
    }
  })
})
