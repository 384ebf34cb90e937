/** The component's state on disk: who may open it, how it grows with versions, and what a failing disk does to it. */

import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect } from 'chai'
import { openForWriting } from '../../component/catalogue/open-catalogue.js'
import { Batches } from '../../component/store/batches.js'
import { migrations } from '../../component/store/migrations.js'
import { openDatabase } from '../../component/store/open.js'
import { StoreFailed } from '../../component/store/store-failed.js'

describe('the store', () => {
  let dir: string
  let path: string
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'jabberfs-store-'))
    path = join(dir, 'component.sqlite')
  })
  afterEach(() => rmSync(dir, { recursive: true, force: true }))

  const failure = (open: () => unknown): string => {
    try {
      open()
    } catch (error) {
      if (error instanceof StoreFailed) return error.code
      throw error
    }
    return 'opened'
  }

  describe('is opened', () => {
    it('by one process only, and says so to the second', () => {
      const db = openDatabase(path)
      expect(failure(() => openDatabase(path))).to.equal('state-in-use')
      db.close()
      openDatabase(path).close()
    })

    it('so that no other user of the machine reads it, nor the catalogue, also where they were made otherwise', () => {
      const catalogue = join(dir, 'catalogue.sqlite')
      for (const [file, open] of [
        [path, () => openDatabase(path)],
        [catalogue, () => openForWriting(catalogue).db],
      ] as const) {
        open().close()
        chmodSync(file, 0o644)
        const db = open()
        for (const name of [file, `${file}-wal`]) expect(statSync(name).mode & 0o777, name).to.equal(0o600)
        db.close()
      }
    })

    it('not when it was written by a newer version (case 61, P24)', () => {
      const steps = [...migrations, 'create table later (id integer) strict']
      openDatabase(path, { steps }).close()
      const before = readFileSync(path)
      expect(failure(() => openDatabase(path))).to.equal('state-newer')
      expect(readFileSync(path).equals(before)).to.equal(true)
    })

    it('not when it is a database of another program, which stays as it was', () => {
      const other = new Database(path)
      other.exec('create table theirs (id integer); insert into theirs values (1)')
      other.close()
      const before = readFileSync(path)
      expect(failure(() => openDatabase(path))).to.equal('state-foreign')
      expect(readFileSync(path).equals(before)).to.equal(true)
    })

    it('not when it is no database, or a damaged one (case 59)', () => {
      writeFileSync(path, 'this is a letter, not a database'.repeat(1_000))
      expect(failure(() => openDatabase(path))).to.equal('state-foreign')
      rmSync(path)
      const db = openDatabase(path)
      db.exec("insert into device (peer, device, seen) values ('faust@goethe.example', 'd', 0)")
      db.close()
      truncateSync(path, statSync(path).size - 4096)
      expect(failure(() => openDatabase(path))).to.equal('state-damaged')
    })

    it('with a clear word when its folder cannot be made', () => {
      writeFileSync(join(dir, 'file'), '')
      expect(failure(() => openDatabase(join(dir, 'file', 'state', 'component.sqlite')))).to.equal(
        'state-unreachable',
      )
    })

    it('with a word about whose files they must be when SQLite may not open it', () => {
      mkdirSync(path)
      expect(() => openDatabase(path)).to.throw(StoreFailed, /must belong to the user .*chown -R/)
    })
  })

  describe('a migration', () => {
    it('that fails in its middle leaves nothing behind (case 61, P24)', () => {
      openDatabase(path).close()
      const steps = [...migrations, 'create table half (id integer) strict', 'create table broken (']
      expect(() => openDatabase(path, { steps })).to.throw(StoreFailed)
      const db = openDatabase(path)
      const tables = db.prepare("select count(*) from sqlite_schema where name = 'half'").pluck().get()
      expect(tables).to.equal(0)
      expect(db.pragma('user_version', { simple: true })).to.equal(migrations.length)
      db.close()
    })

    it('takes only the steps that are new, and keeps what is there', () => {
      const db = openDatabase(path)
      db.exec("insert into device (peer, device, seen) values ('faust@goethe.example', 'd', 0)")
      db.close()
      const steps = [...migrations, 'alter table device add column nickname text']
      const newer = openDatabase(path, { steps })
      expect(newer.prepare('select peer, nickname from device').get()).to.deep.equal({
        peer: 'faust@goethe.example',
        nickname: null,
      })
      newer.close()
    })

    it('keeps a copy of what it changes, whole and as it was, for whoever goes back to the version before (case 61)', () => {
      const db = openDatabase(path, { steps: migrations.slice(0, 4) })
      db.exec("insert into device (peer, device, seen) values ('faust@goethe.example', 'd', 0)")
      db.close()
      openDatabase(path).close()
      openDatabase(path).close()
      const copies = readdirSync(dir).filter((name) => name.includes('.schema-'))
      expect(copies).to.deep.equal(['component.sqlite.schema-4'])
      const older = openDatabase(`${path}.schema-4`, { steps: migrations.slice(0, 4) })
      expect(older.prepare('select peer from device').pluck().get()).to.equal('faust@goethe.example')
      older.close()
    })

    it('keeps what it is now where somebody went back to such a copy, went on, and comes again', () => {
      const steps = { steps: migrations.slice(0, 4) }
      const copy = `${path}.schema-4`
      const goOn = (peer: string) => {
        const db = openDatabase(path, steps)
        db.prepare('insert into device (peer, device, seen) values (?, ?, 1)').run(peer, 'd')
        db.close()
      }
      goOn('faust@goethe.example')
      openDatabase(path).close()
      copyFileSync(copy, path)
      goOn('gretchen@goethe.example')
      openDatabase(path).close()
      const older = openDatabase(copy, steps)
      expect(older.prepare('select count(*) from device').pluck().get()).to.equal(2)
      older.close()
    })
  })

  describe('a group commit', () => {
    const logIn =
      (device: string) =>
      ({ store, now }: { store: Batches['store']; now: number }) =>
        store.devices.logIn('faust@goethe.example', device, `faust@goethe.example/${device}`, now)

    it('does in one transaction what came in one turn, and tells each only then', async () => {
      const batches = new Batches({ path, clock: () => 1 })
      const order: string[] = []
      const works = ['a', 'b', 'c'].map((name) =>
        batches
          .run((transaction) => {
            transaction.afterCommit(() => order.push(`after ${name}`))
            order.push(`work ${name}`)
            return logIn(name)(transaction)
          })
          .then(() => order.push(`told ${name}`)),
      )
      await Promise.all(works)
      expect(batches.commits).to.equal(1)
      expect(order).to.deep.equal([
        'work a',
        'work b',
        'work c',
        'after a',
        'after b',
        'after c',
        'told a',
        'told b',
        'told c',
      ])
      batches.close()
    })

    it('takes back only the work that threw, and what it would have told (case 53)', async () => {
      const batches = new Batches({ path, clock: () => 1 })
      let told = false
      const [first, second, third] = await Promise.allSettled([
        batches.run(logIn('a')),
        batches.run((transaction) => {
          logIn('b')(transaction)
          transaction.afterCommit(() => {
            told = true
          })
          throw new Error('a bug')
        }),
        batches.run(logIn('c')),
      ])
      expect([first.status, second.status, third.status]).to.deep.equal([
        'fulfilled',
        'rejected',
        'fulfilled',
      ])
      expect(batches.store.devices.loggedIn().map(({ device }) => device)).to.deep.equal(['a', 'c'])
      expect(told).to.equal(false)
      batches.close()
    })

    it('refuses beyond its cap, and nothing is left waiting at its end (P16)', async () => {
      const batches = new Batches({ path, clock: () => 1, maxQueued: 2 })
      const outcomes = ['a', 'b', 'c'].map((name) => batches.run(logIn(name)))
      const settled = Promise.allSettled(outcomes)
      batches.close()
      expect((await settled).map(({ status }) => status)).to.deep.equal([
        'fulfilled',
        'fulfilled',
        'rejected',
      ])
      expect(await batches.run(logIn('d')).catch((error: StoreFailed) => error.code)).to.equal('state-closed')
    })
  })

  describe('on a disk that is full (case 58, P20)', () => {
    // A file system of its own, small enough to fill; only root can have one.
    const mount = () => {
      try {
        execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', dir], { stdio: 'ignore' })
        return true
      } catch {
        return false
      }
    }
    let mounted = false
    afterEach(() => {
      if (mounted) execFileSync('umount', [dir])
      mounted = false
    })

    it('refuses every write, keeps what was answered, and takes writes again when there is space', async function () {
      mounted = mount()
      if (!mounted) this.skip()
      const told: string[] = []
      let recover = () => {}
      const recovered = new Promise<void>((resolve) => {
        recover = resolve
      })
      const batches = new Batches({
        path,
        clock: () => 1,
        retryMs: 5,
        onFault: () => told.push('fault'),
        onRecovered: () => {
          told.push('recovered')
          recover()
        },
      })
      const add = (name: string) =>
        batches.run(({ store, now }) =>
          store.devices.logIn(
            'faust@goethe.example',
            name,
            `faust@goethe.example/${name.padEnd(8_000)}`,
            now,
          ),
        )
      const answered: string[] = []
      const ballast = join(dir, 'ballast')
      writeFileSync(ballast, Buffer.alloc(14 * 2 ** 20))
      for (let number = 0; !batches.isFaulty; number++) {
        await add(String(number)).then(
          () => answered.push(String(number)),
          (error: StoreFailed) => expect(error.code).to.equal('state-unwritable'),
        )
      }
      expect(answered.length).to.be.greaterThan(10)
      expect(await add('refused').catch((error: StoreFailed) => error.code)).to.equal('state-unwritable')
      rmSync(ballast)
      await recovered
      await add('again')
      expect(told).to.deep.equal(['fault', 'recovered'])
      const held = batches.store.devices.loggedIn().map(({ device }) => device)
      expect(held).to.include.members([...answered, 'again'])
      expect(held).not.to.include('refused')
      batches.close()
      const db = openDatabase(path)
      expect(db.pragma('integrity_check', { simple: true })).to.equal('ok')
      db.close()
    })
  })

  it('keeps its log of writes small, and nobody else can hold it open (case 60)', async () => {
    const batches = new Batches({ path, clock: () => 1 })
    const reader = () =>
      new Database(path, { readonly: true, timeout: 0 }).prepare('select 1 from device').get()
    expect(reader).to.throw(/locked|busy/)
    for (let round = 0; round < 40; round++) {
      await Promise.all(
        Array.from({ length: 100 }, (_, number) =>
          batches.run(({ store, now }) =>
            store.devices.logIn(
              'faust@goethe.example',
              `${round % 4} ${number}`,
              `jid ${number}`.padEnd(4_000),
              now,
            ),
          ),
        ),
      )
    }
    expect(statSync(`${path}-wal`).size).to.be.lessThan(64 * 2 ** 20)
    batches.close()
    expect(existsSync(`${path}-wal`)).to.equal(false)
  })
})
