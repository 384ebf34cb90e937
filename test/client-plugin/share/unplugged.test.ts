/** A shared folder whose disk is unplugged, or which is another one when it is back: what was published stays, and nothing is hashed anew. */

import { mkdirSync, mkdtempSync, readdirSync, realpathSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect } from 'chai'
import type { ChangeSaid, KeeperSettings, ShareStand } from '../../../client-plugin/share/keeper-messages.js'
import { KeeperThread } from '../../../client-plugin/share/keeper-thread.js'
import { putRested, until } from './stage.js'

// No sweep comes by itself, unless a test wants it.
const usual: KeeperSettings = { restMs: 200, gatherMs: 50, sweepMs: 6_000_000, maxWatches: 1_000 }
const id = 'Bilder-2002'

describe('a shared folder that is not there for a while', function () {
  this.timeout(180_000)
  let dir: string
  let folder: string
  let elsewhere: string
  let keeper: KeeperThread

  const open = (settings: Partial<KeeperSettings> = {}): void => {
    keeper = new KeeperThread(
      { file: join(dir, 'shares.sqlite'), dir, settings: { ...usual, ...settings } },
      {
        stands: () => undefined,
        fault: (trouble) => {
          throw trouble
        },
      },
    )
    keeper.start()
  }
  const stand = async (isSo: (stand: ShareStand) => boolean): Promise<ShareStand> => {
    const [one] = await until(
      () => keeper.call('stands'),
      ([found]) => found !== undefined && isSo(found),
    )
    expect(one, JSON.stringify(one)).to.satisfy(isSo)
    return one!
  }
  const isAway = ({ phase }: ShareStand) => phase === 'unreadable'
  const isStill = ({ phase, unhashedFiles }: ShareStand) => phase === 'still' && unhashedFiles === 0
  const sayAll = async (): Promise<ChangeSaid[]> => {
    const said: ChangeSaid[] = []
    for (;;) {
      const change = await keeper.call('take', id)
      if (change === undefined) return said
      said.push(change)
      await keeper.call('held', id, change.seq)
    }
  }
  /** Two files, of which the component has been told. */
  const share = async (): Promise<void> => {
    putRested(folder, 'one.txt', 'one')
    putRested(folder, 'deep/two.txt', 'two')
    await keeper.call('add', folder, { id, name: 'Bilder' })
    await stand((now) => isStill(now) && now.files === 2)
    await sayAll()
  }
  const nothingLost = { files: 2, told: 2, dirty: 0 }
  const nothingHashed = { ...nothingLost, unhashedFiles: 0, toHashBytes: 0 }
  /** Nobody has the books open. */
  const write = (sql: string): void => {
    const books = new Database(join(dir, 'shares.sqlite'))
    books.exec(sql)
    books.close()
  }
  const moveAll = (from: string, to: string): void => {
    for (const name of readdirSync(from)) renameSync(join(from, name), join(to, name))
  }

  beforeEach(() => {
    dir = realpathSync(mkdtempSync(join(tmpdir(), 'jabberfs-unplugged-')))
    folder = join(dir, 'shared')
    elsewhere = join(dir, 'elsewhere')
    mkdirSync(folder)
    open()
  })
  afterEach(async () => {
    await keeper.close()
    rmSync(dir, { recursive: true, force: true })
  })

  it('takes nothing back, whoever asks for a file meanwhile, and is watched again when it is there', async () => {
    await share()
    renameSync(folder, elsewhere)
    expect(await stand(isAway)).to.include(nothingLost)
    await keeper.call('look', id, 'deep/two.txt')
    await keeper.call('scan', id)
    expect(await stand(isAway)).to.include(nothingLost)
    expect(await keeper.call('take', id)).to.equal(undefined)
    renameSync(elsewhere, folder)
    await keeper.call('scan', id)
    expect(await stand(isStill)).to.include(nothingHashed)
    putRested(folder, 'deep/three.txt', 'three')
    expect((await stand((now) => isStill(now) && now.dirty === 1)).files).to.equal(3)
  })

  it('is noticed by itself when it is back, also after a restart without it', async () => {
    await share()
    await keeper.close()
    renameSync(folder, elsewhere)
    open({ sweepMs: 10_000 })
    expect(await stand(isAway)).to.include(nothingLost)
    renameSync(elsewhere, folder)
    expect(await stand(isStill)).to.include(nothingHashed)
  })

  it('is away where an empty folder of another device is in its place, until what was in it is there', async () => {
    await share()
    await keeper.close()
    mkdirSync(elsewhere)
    moveAll(folder, elsewhere)
    write("update place set dev = '1', ino = '1'")
    open()
    expect(await stand(isAway)).to.include(nothingLost)
    moveAll(elsewhere, folder)
    await keeper.call('scan', id)
    expect(await stand(isStill)).to.include(nothingLost)
  })

  it('is not hashed again when the system gives its device another number', async () => {
    await share()
    await keeper.close()
    write("update place set dev = '1'; update file set dev = 1")
    open()
    expect(await stand(isStill)).to.include(nothingHashed)
  })

  it('is noted in books of before, too', async () => {
    await share()
    await keeper.close()
    write('drop table place')
    open()
    expect(await stand(isStill)).to.include(nothingHashed)
    renameSync(folder, elsewhere)
    expect(await stand(isAway)).to.include(nothingLost)
  })

  it('gives everything back when all its files are removed', async () => {
    await share()
    for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true })
    await stand((now) => now.phase === 'still' && now.files === 0)
    const said = await sayAll()
    expect(said.flatMap(({ removes }) => removes).sort()).to.deep.equal(['deep/two.txt', 'one.txt'])
  })

  it('is what lies at its path when somebody puts another folder there', async () => {
    await share()
    renameSync(folder, elsewhere)
    mkdirSync(folder)
    putRested(folder, 'new.txt', 'new')
    // It may have been looked at while there was none.
    await keeper.call('scan', id)
    await stand((now) => isStill(now) && now.files === 1 && now.dirty === 3)
    const said = await sayAll()
    expect(said.flatMap(({ removes }) => removes).sort()).to.deep.equal(['deep/two.txt', 'one.txt'])
    expect(said.flatMap(({ adds }) => adds.map(({ path }) => path))).to.deep.equal(['new.txt'])
    putRested(folder, 'newer.txt', 'newer')
    await stand((now) => isStill(now) && now.files === 2 && now.dirty === 1)
  })
})
