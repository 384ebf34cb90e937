/** A damaged catalogue whose replacement is cut short: at each step there is, by a kill or by a disk that takes nothing. */

import fs, {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { isUnfinished, replaceDamaged } from '../../../component/catalogue/damage.js'
import { openForWriting } from '../../../component/catalogue/open-catalogue.js'
import { entry, Stage } from './stage.js'

const faust = 'faust@goethe.example'
const rubbish = 'rubbish'.repeat(10_000)
const oldLog = 'the log of what was damaged'

type Calls = 'openSync' | 'renameSync' | 'copyFileSync' | 'rmSync' | 'fsyncSync'
const steps: readonly Calls[] = ['openSync', 'renameSync', 'copyFileSync', 'rmSync', 'fsyncSync']

/** Does something, and is killed right before the nth step that touches the disk. @returns whether it was */
function killedAt(nth: number, how: 'before' | 'half', work: () => void): boolean {
  const kept = Object.fromEntries(steps.map((name) => [name, fs[name]]))
  let count = 0
  const cut = (name: Calls, args: unknown[]): void => {
    if (++count < nth) return
    // Nothing is tidied up by who was killed.
    if (count === nth && how === 'half' && name === 'copyFileSync') {
      const [from, to] = args as [string, string]
      const whole = readFileSync(from)
      writeFileSync(to, whole.subarray(0, whole.length / 2))
    }
    throw new Error('killed')
  }
  for (const name of steps) {
    const real = kept[name] as (...args: unknown[]) => unknown
    Object.assign(fs, {
      [name]: (...args: unknown[]) => {
        cut(name, args)
        return real(...args)
      },
    })
  }
  syncBuiltinESMExports()
  try {
    work()
    return false
  } catch (error) {
    if ((error as Error).message !== 'killed') throw error
    return true
  } finally {
    Object.assign(fs, kept)
    syncBuiltinESMExports()
  }
}

describe('catalogue: a damaged file whose replacement is cut short', function () {
  this.timeout(180_000)
  const dir = mkdtempSync(join(tmpdir(), 'jabberfs-replaced-'))
  const damaged = join(dir, 'damaged')
  before(async () => {
    const stage = new Stage()
    await stage.open()
    await stage.share(faust, [entry('kept.txt')])
    await stage.catalogue.backUp()
    await stage.catalogue.close()
    cpSync(stage.dir, damaged, { recursive: true })
    writeFileSync(join(damaged, 'catalogue.sqlite'), rubbish)
    writeFileSync(join(damaged, 'catalogue.sqlite-wal'), oldLog)
    rmSync(stage.dir, { recursive: true })
  })
  after(() => rmSync(dir, { recursive: true }))

  /** The next start, after whatever came before it. */
  function comesBack(path: string): void {
    const wasFinished = existsSync(`${path}.damaged-1`) && !isUnfinished(path)
    // SQLite itself does away with the log of a file that it cannot read.
    const isLogKept = wasFinished || isUnfinished(path)
    const { db, setAside } = openForWriting(path)
    try {
      expect(db.prepare('select count(*) from entry').pluck().get()).to.equal(1)
      expect(db.pragma('integrity_check', { simple: true })).to.equal('ok')
    } finally {
      db.close()
    }
    expect(setAside).to.equal(wasFinished ? undefined : `${path}.damaged-1`)
    expect(readFileSync(`${path}.damaged-1`, 'utf8')).to.equal(rubbish)
    if (isLogKept) expect(readFileSync(`${path}.damaged-1-wal`, 'utf8')).to.equal(oldLog)
    const left = readdirSync(join(path, '..')).filter((name) => /unfinished|restored|damaged-2/.test(name))
    expect(left).to.deep.equal([])
    expect(existsSync(`${path}.backup-1`)).to.equal(true)
    // From there on it is a file like any other.
    const again = openForWriting(path)
    again.db.close()
    expect(again).not.to.have.property('setAside')
  }

  for (const how of ['before', 'half'] as const) {
    const told = how === 'half' ? 'in the middle of the copy' : 'before any step'
    it(`case 59: killed ${told}, the next start has the backup, and the damaged file is kept`, () => {
      let wasKilled = true
      let at = 0
      while (wasKilled) {
        const folder = join(dir, `${how}-${++at}`)
        cpSync(damaged, folder, { recursive: true })
        const path = join(folder, 'catalogue.sqlite')
        wasKilled = killedAt(at, how, () => replaceDamaged(path))
        if (wasKilled && isUnfinished(path)) {
          // And once more, while it goes on with it.
          killedAt(1 + (at % 7), how, () => replaceDamaged(path))
        }
        if (wasKilled) comesBack(path)
        rmSync(folder, { recursive: true })
      }
      expect(at).to.be.greaterThan(10)
    })
  }
})
