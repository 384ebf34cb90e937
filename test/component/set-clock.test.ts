/**
 * A machine whose clock is wrong, and is set while the component runs (case 105): one without a battery begins in 1970, or a year
 * ahead. Nothing of anybody ends for it, and nothing lives on. By clocks that the test holds.
 */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect } from 'chai'
import { type CatalogueOptions, openCatalogue } from '../../component/catalogue/catalogue.js'
import { Batches } from '../../component/store/batches.js'
import { SetClock } from '../../component/store/set-clock.js'
import { type Action, writeAction } from '../../schemas/index.js'
import { Cable } from './cable.js'
import { ok, Stage } from './catalogue/stage.js'
import { newOfferId, someFile, someWay, token } from './stage.js'

const day = 24 * 3_600_000
const year = 365 * day
/** By how much it is wrong: from 2026, about 1970; a year ahead; and not at all, where nothing ran for that long. */
const wrong: readonly [what: string, by: number][] = [
  ['in 1970', -56 * year],
  ['a year ahead', year],
  ['of months ago, as it was left', -100 * day],
]

describe('a component whose clock is wrong when it starts', () => {
  let cable: Cable
  let heard: Action[]
  beforeEach(async () => {
    cable = new Cable()
    heard = []
    await come()
  })
  afterEach(() => cable.close())

  async function come(): Promise<void> {
    for (const [number, name] of ['faust', 'mephisto'].entries()) {
      await cable.logIn(`${name}@h/x`, String(number).repeat(64))
      cable.receivers.set(`${name}@h/x`, { deliver: (action) => heard.push(action) })
    }
  }
  const say = (from: string, action: Action) => cable.mediator.hear(`${from}@h/x`, writeAction(action))
  const offering = (id: string): Action => ({
    action: 'offer',
    value: { id, peer: 'mephisto@h', every: false, files: [someFile()] },
  })
  async function arrive(): Promise<Action[]> {
    await cable.settle()
    while (cable.waiting.length > 0) {
      await cable.waiting.shift()!.arrive()
      await cable.settle()
    }
    return heard.splice(0)
  }
  /** What is said when it is looked what has ended and what is forgotten. */
  async function looking(): Promise<Action[]> {
    await cable.mediator.expiry.run()
    await cable.mediator.forgetting.run()
    return arrive()
  }
  async function passing(ms: number): Promise<string[]> {
    cable.now += ms
    return (await looking()).map(({ action }) => action)
  }
  async function running(): Promise<string> {
    await say('faust', offering(newOfferId()))
    const [offer] = await arrive()
    const sid = offer!.value.sid!
    const value = { sid, attempt: 1, append: false, files: [], way: someWay(), token: token() }
    await say('mephisto', { action: 'accept', value })
    await arrive()
    return sid
  }
  const isKept = () => cable.batches.store.devices.isKnown('gretchen@h', '2'.repeat(64))

  for (const [what, by] of wrong) {
    it(`${what} ends nothing, also when it is set right`, async () => {
      await cable.logIn('gretchen@h/x', '2'.repeat(64))
      await cable.logOut('gretchen@h/x')
      const sid = await running()
      await say('faust', offering('before-it-stopped'))
      await arrive()
      cable.setClock(by)
      cable.restartComponent()
      expect(await looking()).to.deep.equal([])
      await come()
      await say('faust', offering('while-it-was-wrong'))
      expect((await arrive()).map(({ action }) => action)).to.include('offer')
      const later = await running()
      cable.setClock(-by)
      expect(await looking()).to.deep.equal([])
      expect(isKept()).to.equal(true)
      // What was accepted goes on, whenever that was; what waits ends a week after it was offered.
      for (const one of [sid, later]) {
        const value = { sid: one, attempt: 2, filebytesdone: 1, way: someWay(), token: token() }
        await say('mephisto', { action: 'append', value })
      }
      expect((await arrive()).map(({ action }) => action)).to.deep.equal(['append', 'append'])
      expect(await passing(6 * day)).to.deep.equal([])
      expect(await passing(day)).to.deep.equal(['abort', 'abort', 'abort', 'abort'])
    })
  }

  it('says of an offer when it ends by the clock as it is now', async () => {
    cable.receivers.delete('mephisto@h/x')
    await cable.logOut('mephisto@h/x')
    cable.setClock(-56 * year)
    cable.restartComponent()
    await come()
    await cable.logOut('mephisto@h/x')
    await say('faust', offering('while-it-was-wrong'))
    await cable.settle()
    cable.setClock(56 * year)
    await come()
    const [offer] = await arrive()
    expect((offer as Extract<Action, { action: 'offer' }>).value.expires).to.equal(
      new Date(cable.now + 7 * day).toISOString(),
    )
  })

  it('does not count the time in which nothing ran, beyond a day', async () => {
    await say('faust', offering(newOfferId()))
    await arrive()
    cable.now += day
    cable.restartComponent()
    await come()
    expect(await passing(5 * day)).to.deep.equal([])
    // The store cannot tell it from a clock that is wrong.
    cable.setClock(40 * day)
    cable.restartComponent()
    await come()
    expect(await looking()).to.deep.equal([])
    expect(await passing(day)).to.deep.equal(['abort', 'abort'])
  })

  it('asks a device that is silent since it was set back', async () => {
    cable.setClock(-year)
    await cable.settle()
    cable.mediator.attendance.askTheUnheard()
    cable.now += 6 * 60_000
    cable.mediator.attendance.askTheUnheard()
    while (cable.pinged.length < 2) await new Promise((resolve) => setTimeout(resolve, 5))
    expect(cable.pinged).to.have.members(['faust@h/x', 'mephisto@h/x'])
  })
})

describe('a clock that is set as the disk fails', () => {
  it('moves what is stored once, also where the commit that failed was durable', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'jabberfs-set-clock-'))
    const [began, by] = [Date.UTC(2026, 0, 1), 56 * year]
    let now = began
    let recovered = () => {}
    const isWell = new Promise<void>((resolve) => {
      recovered = resolve
    })
    const batches = new Batches({
      path: join(dir, 'component.sqlite'),
      clock: () => now,
      steady: () => 0,
      retryMs: 1,
      onRecovered: () => recovered(),
    })
    try {
      await batches.run(({ store }) => store.acquaintances.note('faust@h', 'mephisto@h', now))
      const { store } = batches
      const { commit } = store
      store.commit = () => {
        commit()
        throw new Database.SqliteError('disk I/O error', 'SQLITE_IOERR_FSYNC')
      }
      now += by
      await batches.run(() => {}).catch(() => {})
      await isWell
      await batches.run(() => {})
    } finally {
      batches.close()
    }
    const db = new Database(join(dir, 'component.sqlite'))
    expect(db.prepare('select last from acquaintance').pluck().get()).to.equal(began + by)
    db.close()
    rmSync(dir, { recursive: true })
  })
})

describe('a catalogue whose clock is wrong when it is opened', () => {
  let stage: Stage
  let now = Date.UTC(2026, 0, 1)
  let setBy = 0
  const clocks: Partial<CatalogueOptions> = { clock: () => now, steady: () => now - setBy }
  const faust = { peer: 'faust@h', device: 'laptop' }
  const setClock = (by: number) => {
    now += by
    setBy += by
  }
  beforeEach(async () => {
    stage = new Stage()
    await stage.open(clocks)
  })
  afterEach(() => stage.end())

  async function reopened(): Promise<void> {
    await stage.catalogue.close()
    stage.catalogue = await openCatalogue({ path: stage.path, readers: 1, ...clocks })
  }
  /** What is left of him: his shares, and what he looks for. */
  async function left(): Promise<[shares: number, searches: number]> {
    while ((await stage.catalogue.expire()) === true);
    const { shares, searches } = (await stage.catalogue.statistics()) as { shares: number; searches: number }
    return [shares, searches]
  }

  for (const [what, by] of wrong) {
    it(`${what} takes nothing back, also when it is set right; thirty days later it does`, async () => {
      await stage.share('faust@h', [])
      ok(await stage.catalogue.saveSearch({ ...faust, watch: 'lied' }, { words: 'lied' }))
      setClock(by)
      await reopened()
      expect(await left()).to.deep.equal([1, 1])
      // He logs in, which must not be the end of it either.
      await stage.catalogue.attend(faust, true)
      await stage.catalogue.attend(faust, false)
      setClock(-by)
      expect(await left()).to.deep.equal([1, 1])
      now += 29 * day
      expect(await left()).to.deep.equal([1, 1])
      now += 1.5 * day
      expect(await left()).to.deep.equal([0, 0])
    })
  }
})

describe('a clock that is looked at', () => {
  const hour = 3_600_000
  let moved: number[]
  let noted: number[]
  let clock: SetClock
  const look = (now: number, steady: number) => {
    const times = {
      noted: () => noted.at(-1),
      note: (at: number) => void noted.push(at),
      move: (by: number) => void moved.push(by),
    }
    clock.follow(times, { now, steady })
  }
  const looked = (now: number, steady: number) => {
    look(now, steady)
    clock.committed()
  }
  beforeEach(() => {
    moved = []
    noted = []
    clock = new SetClock()
  })

  it('is noted at a start, then once an hour: between them nothing is written', () => {
    for (const at of [0, 1, hour - 1, hour, 2 * hour - 1]) looked(at, at)
    expect(noted).to.deep.equal([0, hour])
    expect(moved).to.deep.equal([])
  })

  it('counts as going on where it is set by a day or less, either way', () => {
    looked(0, 0)
    looked(day + 1, 1)
    looked(2, 2)
    expect(moved).to.deep.equal([])
    looked(day + 4, 3)
    expect(moved).to.deep.equal([day + 1])
    expect(noted.at(-1)).to.equal(day + 4)
  })

  it('moves what is stored again where the transaction was taken back, and once in one that looks twice', () => {
    looked(0, 0)
    look(year, 1)
    look(year + 1, 2)
    clock.takenBack()
    look(year + 2, 3)
    look(year + 3, 4)
    clock.committed()
    looked(year + 4, 5)
    expect(moved).to.deep.equal([year - 1, year - 1])
  })
})
