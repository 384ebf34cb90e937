/** Searching goes before publishing, and publishing keeps its part of the time. */

import { expect } from 'chai'
import { defaultQuotas } from '../../../component/catalogue/limits.js'
import { Asked, type Clock, GivingWay, makeShared } from '../../../component/catalogue/precedence.js'
import { Readers } from '../../../component/catalogue/readers.js'
import { Writing } from '../../../component/catalogue/writing.js'
import { entry, everybody, Stage } from './stage.js'

const me = 'gretchen@goethe.example'
const faust = 'faust@goethe.example'

describe('catalogue: precedence of searches', function () {
  this.timeout(180_000)

  /** Time that goes on only while somebody waits, or works. */
  const clockWith = (onWait: (ms: number) => number) => {
    const clock = { time: 0, waited: 0 }
    const real: Clock = {
      now: () => clock.time,
      wait(_number, _value, ms) {
        const slept = onWait(ms)
        clock.time += slept
        clock.waited += slept
      },
    }
    return { clock, real }
  }
  const patience = { longest: 25, share: 1 }

  it('who writes does not wait while nobody searches', () => {
    const { clock, real } = clockWith(() => expect.fail('it waited'))
    const way = new GivingWay(makeShared(), patience, real)
    for (let n = 0; n < 100; n++) way.giveWay()
    expect(clock.waited).to.equal(0)
  })

  it('who writes goes on as soon as the last search is answered', () => {
    const shared = makeShared()
    const asked = new Asked(shared)
    const { clock, real } = clockWith(() => {
      asked.end()
      return 3
    })
    const way = new GivingWay(shared, patience, real)
    asked.begin()
    asked.begin()
    way.giveWay()
    expect(clock.waited).to.equal(6)
    expect(way.isAsked).to.equal(false)
  })

  it('P17: with searches without a pause who writes has half of the time, and waits no longer than 25 ms in a row', () => {
    const shared = makeShared()
    new Asked(shared).begin()
    let longest = 0
    const { clock, real } = clockWith((ms) => ms)
    const way = new GivingWay(shared, patience, real)
    for (let worked = 0; worked < 1_000; worked += 0.5) {
      clock.time += 0.5
      const before = clock.waited
      way.giveWay()
      longest = Math.max(longest, clock.waited - before)
    }
    expect(longest).to.be.at.most(25)
    expect(clock.waited).to.be.within(900, 1_025)
    // A rest is not saved up.
    clock.time += 60_000
    const before = clock.waited
    way.giveWay()
    expect(clock.waited - before).to.equal(25)
  })

  it('publishing goes on also if a search never ends', async () => {
    const stage = new Stage()
    await stage.open()
    await stage.catalogue.close()
    const shared = makeShared()
    new Asked(shared).begin()
    const writing = new Writing({ path: stage.path, quotas: defaultQuotas, check: false, shared }, {})
    await writing.ready
    const name = { peer: faust, device: 'laptop', share: 'stuff' }
    await writing.ask('register', name, undefined, Date.now())
    await writing.ask('openShare', name, { name: 'stuff', visibleTo: everybody, tags: [] })
    for (let seq = 0; seq < 10; seq++) {
      const adds = Array.from({ length: 100 }, (_, n) => entry(`${seq}/song ${n}.mp3`))
      await writing.ask('publish', name, { base: seq, seq: seq + 1, adds, removes: [] })
    }
    expect(await writing.ask('statistics')).to.have.property('entries', 1_000)
    await writing.close()
    await stage.open()
    await stage.end()
  })

  it('no search is counted any more after its answer, its deadline, the end of its thread or of all', async () => {
    const stage = new Stage()
    await stage.open()
    await stage.share(faust, [entry('song.mp3')])
    const shared = makeShared()
    const asked = new Asked(shared)
    const noneIsCounted = async () => {
      while (asked.count !== 0) await new Promise((resolve) => setImmediate(resolve))
    }
    const ask = (readers: Readers) => readers.ask('searchPage', me, { words: 'song' }, 1)

    const readers = new Readers({ path: stage.path, threads: 1, shared })
    const first = ask(readers)
    await first
    await noneIsCounted()
    const again = ask(readers)
    readers.restart()
    await again
    await noneIsCounted()
    const last = ask(readers)
    await readers.close()
    await last
    await noneIsCounted()

    const slow = new Readers({ path: stage.path, threads: 1, shared, deadline: -1, grace: 20_000 })
    await ask(slow)
    await slow.close()
    await noneIsCounted()
    const silent = new Readers({ path: stage.path, threads: 1, shared, deadline: 1, grace: 0 })
    await ask(silent)
    await silent.close()
    await noneIsCounted()
    expect(asked.count).to.equal(0)
    await stage.end()
  })
})
