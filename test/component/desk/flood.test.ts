/** Floods at the desk: what one may ask for and have waiting is bounded, and the others have their turns. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { Access } from '../../../component/desk/access.js'
import { Pace } from '../../../component/desk/pace.js'
import { Turns } from '../../../component/desk/turns.js'
import { usualCatalogue } from '../../../component/index.js'
import { Batches } from '../../../component/store/batches.js'
import { Refused } from '../../../wire/index.js'

const outcome = async (work: () => unknown): Promise<string> => {
  try {
    await work()
  } catch (error) {
    if (error instanceof Refused) return `${error.condition}/${error.type}`
    throw error
  }
  return 'passed'
}

describe('the pace of the catalogue', () => {
  it('bounds all users of another server together, asking and changing apart (case 44, P17)', async () => {
    const pace = new Pace(usualCatalogue('files.goethe.example'), () => 0, 'goethe.example')
    const ask = (domain: string, name: 'search' | 'publish') =>
      Promise.all(
        Array.from({ length: 10_000 }, (_, at) => outcome(() => pace.pass(`bot${at}@${domain}/x`, name))),
      )
    const passed = (outcomes: string[]) => outcomes.filter((each) => each === 'passed').length
    const searches = await ask('bots.example', 'search')
    expect(passed(searches)).to.equal(1_000)
    expect(searches.at(-1)).to.equal('policy-violation/wait')
    expect(passed(await ask('bots.example', 'publish'))).to.equal(1_000)
    // Its own server knows what it lets its users do.
    expect(passed(await ask('goethe.example', 'search'))).to.equal(10_000)
  })
})

describe('turns', () => {
  it('keep the order of one peer, bound what waits, and let the others by (cases 43 and 45, P16, P17)', async () => {
    const turns = new Turns(2)
    const slow: (() => void)[] = []
    const done: string[] = []
    const flood = Array.from({ length: 500 }, (_, at) =>
      outcome(() =>
        turns.take('faust', async () => {
          await new Promise<void>((resolve) => slow.push(resolve))
          done.push(`faust ${at}`)
        }),
      ),
    )
    expect(turns.waiting).to.equal(32)
    await turns.take('mephisto', async () => void done.push('mephisto'))
    expect(done).to.deep.equal(['mephisto'])
    while (done.length < 35) {
      slow.shift()?.()
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(done.slice(1)).to.deep.equal(Array.from({ length: 34 }, (_, at) => `faust ${at}`))
    const outcomes = await Promise.all(flood)
    expect(outcomes.filter((each) => each === 'passed')).to.have.lengthOf(34)
    expect(outcomes.at(-1)).to.equal('resource-constraint/wait')
    expect(turns.waiting).to.equal(0)
  })

  it('of one who records without end leave room in the next commit for the others (case 43, P17)', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'jabberfs-turns-'))
    const batches = new Batches({ path: join(dir, 'component.sqlite'), clock: () => 0 })
    const turns = new Turns(16, 512)
    const recorded: string[] = []
    const record = (who: string) =>
      outcome(() => turns.take(who, () => batches.run(() => recorded.push(who))))
    const flood = Array.from({ length: 1_000 }, () => record('faust'))
    await Promise.all(Array.from({ length: 8 }, (_, at) => record(`mephisto ${at}`)))
    // All that was recorded when the last of the others was.
    expect(recorded.lastIndexOf('mephisto 7')).to.equal(16 + 7)
    const outcomes = await Promise.all(flood)
    expect(outcomes.filter((each) => each === 'passed')).to.have.lengthOf(16 + 512)
    expect(recorded.filter((each) => each === 'faust')).to.have.lengthOf(16 + 512)
    batches.close()
    rmSync(dir, { recursive: true })
  })

  it('go on behind a work that fails', async () => {
    const turns = new Turns(2)
    const fail = () => turns.take('faust', () => Promise.reject(Refused.by('conflict')))
    const outcomes = await Promise.all([outcome(fail), outcome(fail), outcome(fail), outcome(fail)])
    expect(new Set(outcomes)).to.deep.equal(new Set(['conflict/cancel']))
    expect(await turns.take('faust', async () => 'well')).to.equal('well')
  })
})

describe('access to the catalogue', () => {
  it('is for these domains exactly, these bare JIDs, or everybody', () => {
    const access = new Access(['goethe.example', 'faust@markt.example'])
    const allowed = (from: string) => access.allows(from)
    expect(allowed('gretchen@goethe.example/x')).to.equal(true)
    expect(allowed('faust@markt.example/x')).to.equal(true)
    expect(allowed('mephisto@markt.example/x')).to.equal(false)
    expect(allowed('gretchen@sub.goethe.example/x')).to.equal(false)
    expect(allowed('not an address')).to.equal(false)
    expect(new Access(['*']).allows('anybody@anywhere.example')).to.equal(true)
    expect(new Access([]).allows('gretchen@goethe.example')).to.equal(false)
  })
})
