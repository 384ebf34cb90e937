/** A component that never takes a change of one share: the others are told all the same, and go on being told. */

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import type { Asking } from '../../../client-plugin/catalogue/asking.js'
import { KeeperThread } from '../../../client-plugin/share/keeper-thread.js'
import { Publisher } from '../../../client-plugin/share/publisher.js'
import type { WholeLists } from '../../../client-plugin/share/whole-lists.js'
import { held, registered } from '../../../schemas/index.js'
import { RequestRefused } from '../../../wire/index.js'
import { putRested, until } from './stage.js'

describe('a share whose changes are not taken', function () {
  this.timeout(60_000)
  let dir: string
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'jabberfs-not-taken-'))
    for (const name of ['bad', 'good']) mkdirSync(join(dir, name))
  })
  afterEach(() => rmSync(dir, { recursive: true, force: true }))

  /** @param answer what the component says to a change of it */
  const holds = async (answer: (base: number) => number) => {
    const stop = new AbortController()
    const tries: number[] = []
    const ask = async (name: string, value: { share: string; id: string; base: number; seq: number }) => {
      if (name === 'register') return registered.write({ id: '0'.repeat(32), ttl: 86_400, held: [] })
      if (name === 'share') return held.write({ share: value.id, seq: 0 })
      if (value.share !== 'boese-2002') return held.write({ share: value.share, seq: value.seq })
      tries.push(performance.now())
      return held.write({ share: value.share, seq: answer(value.base) })
    }
    const session = { isIn: true, whenIn: async () => undefined, doubt: () => undefined }
    const asking = { ask, session, stopped: stop.signal } as unknown as Asking
    const lists = { isBusy: () => false, wayFor: () => 'stanzas' } as unknown as WholeLists
    const keeper = new KeeperThread(
      {
        file: join(dir, 'shares.sqlite'),
        dir,
        settings: { restMs: 100, gatherMs: 50, sweepMs: 600_000, maxWatches: 100 },
      },
      { stands: (stands) => publisher.know(stands), fault: () => undefined },
    )
    const publisher = new Publisher(asking, keeper, lists, { tell: async () => undefined }, () => undefined)
    putRested(join(dir, 'bad'), 'one', '1')
    putRested(join(dir, 'good'), 'one', '1')
    keeper.start()
    await keeper.call('add', join(dir, 'bad'), { id: 'boese-2002', name: 'bad' })
    await keeper.call('add', join(dir, 'good'), { id: 'gut-2002', name: 'good' })
    const running = publisher.run()
    publisher.loggedIn()
    const told = async (files: number, ms: number) => {
      const good = async () => (await keeper.call('stands')).find(({ id }) => id === 'gut-2002')!.told
      expect(await until(good, (now) => now === files, ms)).to.equal(files)
    }
    try {
      await told(1, 10_000)
      await until(
        () => tries.length,
        (n) => n === 3,
        20_000,
      )
      const [first, second, third] = tries as [number, number, number]
      expect(second - first).to.be.greaterThan(900)
      expect(third - second).to.be.greaterThan(1_900)
      expect(publisher.trouble?.code).to.equal('component-refused')
      // In its pause of four seconds.
      putRested(join(dir, 'good'), 'two', '2')
      await told(2, 3_000)
      expect(tries.length).to.equal(3)
    } finally {
      stop.abort()
      await running
      await keeper.close()
    }
  }

  it('does not stop those after it, and is tried again seldomer each time', () => holds((base) => base))

  it('nor where it is refused for good', () =>
    holds(() => {
      throw new RequestRefused('bad-request', 'modify')
    }))
})
