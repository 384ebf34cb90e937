/** The keeper's books, without a network: what is hashed and what is not, what is to be said, and what a watch misses. */

import { linkSync, mkdirSync, mkdtempSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { expect } from 'chai'
import { takeFrom } from '../../../client-plugin/serving/shelf.js'
import type { ChangeSaid, KeeperSettings, ShareStand } from '../../../client-plugin/share/keeper-messages.js'
import { KeeperThread } from '../../../client-plugin/share/keeper-thread.js'
import { ShareIndex } from '../../../client-plugin/share/share-index.js'
import { put, until } from './stage.js'

const usual: KeeperSettings = { restMs: 200, gatherMs: 50, sweepMs: 600_000, maxWatches: 1_000 }

describe('the keeper of shares', function () {
  this.timeout(180_000)
  let dir: string
  let folder: string
  let keeper: KeeperThread
  let stands: ShareStand[] = []

  const open = (settings: Partial<KeeperSettings> = {}): KeeperThread => {
    stands = []
    keeper = new KeeperThread(
      { file: join(dir, 'shares.sqlite'), dir, settings: { ...usual, ...settings } },
      {
        stands: (now) => {
          stands = now
        },
        fault: (trouble) => {
          throw trouble
        },
      },
    )
    keeper.start()
    return keeper
  }
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'jabberfs-keeper-'))
    folder = join(dir, 'shared')
    mkdirSync(folder)
  })
  afterEach(async () => {
    await keeper.close()
    rmSync(dir, { recursive: true, force: true })
  })

  const still = async (more: (stand: ShareStand) => boolean = () => true): Promise<ShareStand> => {
    const isStill = (stand?: ShareStand) =>
      stand?.phase === 'still' && stand.unhashedFiles === 0 && more(stand)
    const [stand] = await until(
      () => keeper.call('stands'),
      ([one]) => isStill(one),
    )
    expect(stand, JSON.stringify(stand)).to.satisfy(isStill)
    return stand!
  }
  /** All that is to be said, taken as said. */
  const sayAll = async (id: string): Promise<ChangeSaid[]> => {
    const said: ChangeSaid[] = []
    for (;;) {
      const change = await keeper.call('take', id)
      if (change === undefined) return said
      said.push(change)
      await keeper.call('held', id, change.seq)
    }
  }
  const add = () => keeper.call('add', folder, { id: 'Bilder-2002', name: 'Bilder' })

  it('hashes nothing twice: not after a restart, not what was renamed, moved or linked', async () => {
    open()
    put(folder, 'a/one.txt', 'one')
    put(folder, 'two.txt', 'two')
    const { id } = await add()
    const first = await still()
    expect(first).to.include({ files: 2, dirty: 2 })
    await sayAll(id)
    await keeper.close()
    open()
    expect(await still()).to.include({ files: 2, dirty: 0, toHashBytes: 0 })
    renameSync(join(folder, 'a'), join(folder, 'b'))
    renameSync(join(folder, 'two.txt'), join(folder, 'b/zwei.txt'))
    linkSync(join(folder, 'b/one.txt'), join(folder, 'again.txt'))
    let toHash = 0
    await still((stand) => {
      toHash = Math.max(toHash, stand.toHashBytes, ...stands.map(({ toHashBytes }) => toHashBytes))
      return stand.dirty === 5
    })
    expect(toHash).to.equal(0)
    const said = await sayAll(id)
    expect(said.flatMap(({ removes }) => removes).sort()).to.deep.equal(['a/one.txt', 'two.txt'])
    expect(said.flatMap(({ adds }) => adds.map(({ path }) => path)).sort()).to.deep.equal([
      'again.txt',
      'b/one.txt',
      'b/zwei.txt',
    ])
  })

  it('hashes again what was changed in place, even where its time was set back', async () => {
    open()
    put(folder, 'one.txt', 'one')
    const file = join(folder, 'one.txt')
    utimesSync(file, 1_000_000_000, 1_000_000_000)
    const { id } = await add()
    await still()
    const [before] = await sayAll(id)
    writeFileSync(file, 'two')
    utimesSync(file, 1_000_000_000, 1_000_000_000)
    await still(({ dirty }) => dirty === 1)
    const [after] = await sayAll(id)
    expect(after!.adds[0]!.root).to.not.equal(before!.adds[0]!.root)
  })

  it('shares, and hands out, files whose times no 64 bits of nanoseconds hold, and older ones than 1970', async () => {
    open()
    const seconds: Record<string, number> = {
      'usual.txt': 1_000_000_000,
      'after 2262.txt': 1e10,
      'before.txt': -2e9,
    }
    for (const [name, time] of Object.entries(seconds)) {
      put(folder, name, name)
      utimesSync(join(folder, name), time, time)
    }
    const { id } = await add()
    expect(await still()).to.include({ files: 3, dirty: 3 })
    const [{ adds }] = (await sayAll(id)) as [ChangeSaid]
    expect(adds.every(({ modified }) => modified >= 0)).to.equal(true)
    const index = new ShareIndex(dir, () => 'faust@localhost')
    const shelf = {
      find: (share: string, path: string) => index.find(share, path),
      visibleTo: () => true,
      isForAll: () => true,
      lookAgain: () => Promise.resolve(),
    }
    for (const { path, root } of adds) {
      const taken = await takeFrom(shelf, id, path)
      expect(taken?.root, path).to.equal(root)
      taken?.source.close()
    }
    index.close()
    // Known again: nothing of it is hashed a second time.
    await keeper.close()
    open()
    expect(await still()).to.include({ files: 3, dirty: 0, toHashBytes: 0 })
  })

  it('says a change word for word again until there is an answer, and never another one with its number', async () => {
    open()
    put(folder, 'one.txt', 'one')
    const { id } = await add()
    await still()
    const change = await keeper.call('take', id)
    put(folder, 'two.txt', 'two')
    rmSync(join(folder, 'one.txt'))
    await still(({ files, told }) => files === 1 && told === 0)
    await keeper.close()
    open()
    await still()
    expect(await keeper.call('take', id)).to.deep.equal(change)
    await keeper.call('held', id, change!.seq)
    const [next, ...rest] = await sayAll(id)
    expect(next!.base).to.equal(change!.seq)
    expect(next!.seq).to.be.greaterThan(change!.seq)
    expect([next!.removes, next!.adds.map(({ path }) => path), rest]).to.deep.equal([
      ['one.txt'],
      ['two.txt'],
      [],
    ])
  })

  it('finds by a sweep what no watch told of', async () => {
    open({ maxWatches: 0, sweepMs: 500 })
    put(folder, 'one.txt', 'one')
    await add()
    await still()
    put(folder, 'deep/two.txt', 'two')
    rmSync(join(folder, 'one.txt'))
    const stand = await still(({ files, dirty }) => files === 1 && dirty === 1)
    expect(stand.files).to.equal(1)
  })

  it('sweeps sooner as soon as a folder has come that is one too many to be watched', async () => {
    open({ maxWatches: 2, sweepMs: 30_000 })
    put(folder, 'one.txt', 'one')
    await add()
    await still()
    put(folder, 'a/two.txt', 'two')
    await still(({ files }) => files === 2)
    put(folder, 'b/three.txt', 'three')
    await still(({ files }) => files === 3)
    put(folder, 'b/four.txt', 'four')
    const since = performance.now()
    await still(({ files }) => files === 4)
    expect(performance.now() - since).to.be.lessThan(15_000)
  })

  it('leaves a file alone while it is being written', async () => {
    // This thread, and the keeper's disk, may be slow to say how it stands.
    open({ restMs: 4_000 })
    const { id } = await add()
    await still()
    put(folder, 'growing.txt', 'be')
    const [stand] = await until(
      () => keeper.call('stands'),
      ([one]) => one!.files === 1,
    )
    expect(stand).to.include({ unhashedFiles: 1, dirty: 0 })
    put(folder, 'growing.txt', 'begun and done')
    await still(({ dirty }) => dirty === 1)
    const said = await sayAll(id)
    expect(said).to.have.length(1)
    expect(said[0]!.adds[0]).to.include({ path: 'growing.txt', size: 14 })
  })

  it('keeps what is told apart from what changed while a whole list was on its way', async () => {
    open()
    for (const name of ['a', 'b', 'c']) put(folder, `${name}.txt`, name)
    const { id } = await add()
    await still()
    const list = await keeper.call('list', id, 0)
    expect(list.entries).to.equal(3)
    rmSync(join(folder, 'a.txt'))
    put(folder, 'd.txt', 'd')
    await keeper.call('scan', id)
    await still()
    await keeper.call('held', id, list.seq)
    const [change, ...rest] = await sayAll(id)
    expect([change!.base, change!.removes, change!.adds.map(({ path }) => path), rest]).to.deep.equal([
      list.seq,
      ['a.txt'],
      ['d.txt'],
      [],
    ])
    expect(await still()).to.include({ told: 3, dirty: 0 })
  })

  it('knows about how long what is to be said is, also where paths are', async () => {
    open()
    const names = Array.from({ length: 100 }, (_, n) => `${'格蕾琴'.repeat(20)}/${'g'.repeat(200)} ${n}`)
    for (const name of names) put(folder, name, name)
    const { id } = await add()
    const { dirtyBytes } = await still()
    expect(dirtyBytes).to.be.within(100 * 480, 100 * 550)
    await sayAll(id)
    expect(await still()).to.include({ dirty: 0, dirtyBytes: 0 })
    for (const name of names) rmSync(join(folder, name))
    await keeper.call('scan', id)
    const gone = await still(({ dirty }) => dirty === 100)
    expect(gone.dirtyBytes).to.be.within(100 * 380, 100 * 420)
  })

  it('remembers roots beyond a share’s end', async () => {
    open()
    put(folder, 'one.txt', 'one')
    const { id } = await add()
    await still()
    await keeper.call('end', id)
    expect(await keeper.call('registration')).to.deep.equal({ id: undefined, ended: [id] })
    await keeper.call('add', folder, { id: 'Bilder-2003', name: 'Bilder' })
    expect(await still()).to.include({ files: 1, dirty: 1, hashedBytes: 0, toHashBytes: 0 })
    const index = new ShareIndex(dir, () => undefined)
    expect(index.find('Bilder-2003', 'one.txt')).to.include({ size: 3 })
    expect(index.find(id, 'one.txt')).to.equal(undefined)
    index.close()
  })

  it('holds nobody else up while it looks through and hashes many files (case 52)', async () => {
    for (let n = 0; n < 3_000; n++) put(folder, `${n % 30}/${n}.txt`, `file ${n}`)
    put(folder, 'large.bin', Buffer.alloc(64 * 2 ** 20, 7))
    open()
    const before = performance.eventLoopUtilization()
    await add()
    await still(({ files }) => files === 3_001)
    // A share of the time, however long it took: the work itself would take all of it.
    expect(performance.eventLoopUtilization(before).utilization).to.be.lessThan(0.8)
  })
})
