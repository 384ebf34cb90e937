/** What becomes of the catalogue when disks and threads fail. */

import { execFileSync } from 'node:child_process'
import {
  closeSync,
  copyFileSync,
  existsSync,
  openSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect } from 'chai'
import { Readers } from '../../../component/catalogue/readers.js'
import type { Refusal } from '../../../component/catalogue/values.js'
import { entry, ok, Stage } from './stage.js'

const me = 'gretchen@goethe.example'
const faust = 'faust@goethe.example'

describe('catalogue: durability', function () {
  this.timeout(180_000)
  let stage: Stage
  beforeEach(() => {
    stage = new Stage()
  })

  describe('on a disk that is full', () => {
    let isMounted = false
    beforeEach(function () {
      try {
        // Only root has a file system to fill.
        execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', stage.dir], { stdio: 'ignore' })
        isMounted = true
      } catch {
        isMounted = false
        console.warn('      skipped: a small disk needs the right to mount one')
        this.skip()
      }
    })
    afterEach(async () => {
      if (!isMounted) return
      await stage.catalogue.close()
      execFileSync('umount', [stage.dir])
      rmSync(stage.dir, { recursive: true, force: true })
    })

    it('case 58, P20: it says "later", goes on finding, keeps what was answered, and goes on when there is space', async () => {
      const told: string[] = []
      let recover = () => {}
      const recovered = new Promise<void>((resolve) => {
        recover = resolve
      })
      await stage.open({
        writer: { retryMs: 5 },
        onFault: (error) => told.push((error as Error & { code: string }).code),
        onRecovered: () => {
          told.push('recovered')
          recover()
        },
      })
      const name = await stage.share(faust, [entry('first.txt')])
      const ballast = join(stage.dir, 'ballast')
      writeFileSync(ballast, Buffer.alloc(18 * 2 ** 20))
      let seq = 1
      let refusal: Refusal['kind'] | undefined
      while (refusal === undefined) {
        const adds = Array.from({ length: 100 }, (_, n) => entry(`f${seq}/${'x'.repeat(200)} ${n}.txt`))
        const answer = await stage.catalogue.publish(name, { base: seq, seq: seq + 1, adds, removes: [] })
        if (answer.kind === 'ok') seq++
        else refusal = answer.kind
      }
      expect(refusal).to.equal('busy')
      expect(await stage.paths(me, 'first')).to.deep.equal(['first.txt'])
      expect((await stage.catalogue.held(name)).kind).to.equal('busy')
      rmSync(ballast)
      await recovered
      expect(ok(await stage.catalogue.held(name))).to.include({ held: seq })
      const last = { base: seq, seq: seq + 1, adds: [entry('last.txt')], removes: [] }
      expect(ok(await stage.catalogue.publish(name, last))).to.include({ isApplied: true })
      expect(await stage.paths(me, 'last')).to.deep.equal(['last.txt'])
      expect(told).to.deep.equal(['state-unwritable', 'recovered'])
      const { items } = ok(await stage.catalogue.shares(faust, faust, { max: 1 }))
      expect(items[0]!.value.files).to.equal(100 * (seq - 1) + 2)
    })
  })

  describe('with a file that is damaged', () => {
    afterEach(() => stage.end())

    it('case 59: a log of writes that is damaged after a kill: what is whole of it counts, each change whole, and it goes on', async () => {
      await stage.open()
      const name = await stage.share(faust, [])
      const change = (seq: number) => ({
        base: seq - 1,
        seq,
        adds: Array.from({ length: 20 }, (_, n) => entry(`song ${seq} ${n}.mp3`)),
        removes: [],
      })
      for (let seq = 1; seq <= 12; seq++) ok(await stage.catalogue.publish(name, change(seq)))
      // As a kill leaves them behind.
      const aside = (end: string) => join(stage.dir, `killed${end}`)
      for (const end of ['', '-wal']) copyFileSync(stage.path + end, aside(end))
      await stage.catalogue.close()
      const logBytes = statSync(aside('-wal')).size
      expect(logBytes).to.be.greaterThan(12 * 4_096)
      const helds = new Set<number>()
      for (const part of [0.1, 0.5, 0.9]) {
        for (const damage of ['flipped', 'cut off'] as const) {
          for (const file of readdirSync(stage.dir)) {
            if (file.startsWith('catalogue.sqlite')) rmSync(join(stage.dir, file))
          }
          for (const end of ['', '-wal']) copyFileSync(aside(end), stage.path + end)
          const at = Math.floor(logBytes * part)
          if (damage === 'cut off') truncateSync(`${stage.path}-wal`, at)
          else {
            const file = openSync(`${stage.path}-wal`, 'r+')
            writeSync(file, Buffer.alloc(64, 0xa5), 0, 64, at)
            closeSync(file)
          }
          await stage.open()
          const answer = await stage.catalogue.held(name)
          // Where nothing of it is left, its device begins anew.
          const held = answer.kind === 'ok' ? answer.held : 0
          helds.add(held)
          if (answer.kind === 'ok') {
            expect(await stage.paths(me, 'song')).to.have.length(Math.min(100, 20 * held))
            const { items } = ok(await stage.catalogue.shares(faust, faust, { max: 1 }))
            expect(items[0]!.value.files).to.equal(20 * held)
            for (let seq = held + 1; seq <= 13; seq++) ok(await stage.catalogue.publish(name, change(seq)))
            expect(ok(await stage.catalogue.held(name))).to.include({ held: 13 })
          }
          await stage.catalogue.close()
          const db = new Database(stage.path)
          expect(db.pragma('integrity_check', { simple: true })).to.equal('ok')
          db.close()
        }
      }
      // The further on the damage, the more is left.
      expect(helds.size).to.be.greaterThan(1)
      await stage.open()
    })

    /** A catalogue with some entries, a backup of the first of them, closed. */
    async function withBackup() {
      await stage.open()
      const name = await stage.share(
        faust,
        Array.from({ length: 300 }, (_, n) => entry(`file ${n}.txt`)),
      )
      expect(await stage.catalogue.backUp()).to.equal(`${stage.path}.backup-1`)
      ok(await stage.catalogue.publish(name, { base: 3, seq: 4, adds: [entry('late.txt')], removes: [] }))
      await stage.catalogue.close()
      return name
    }
    const damages: Record<string, (path: string) => void> = {
      'flipped bytes'(path) {
        const file = openSync(path, 'r+')
        const size = statSync(path).size
        for (let at = 4_096; at < size; at += 4_096) writeSync(file, Buffer.alloc(64, 0xa5), 0, 64, at)
        closeSync(file)
      },
      'a header that is none': (path) => writeFileSync(path, Buffer.alloc(8_192, 'x')),
      'a part cut off': (path) => truncateSync(path, Math.floor(statSync(path).size / 8_192) * 4_096),
      'nothing in it': (path) => truncateSync(path, 0),
    }
    for (const [damage, make] of Object.entries(damages)) {
      it(`case 59: ${damage}: it is set aside, and the newest backup that is sound takes its place`, async () => {
        const name = await withBackup()
        make(stage.path)
        const damaged = statSync(stage.path).size
        const { opened } = await stage.open()
        expect(opened).to.deep.equal({
          setAside: `${stage.path}.damaged-1`,
          restored: `${stage.path}.backup-1`,
        })
        expect(statSync(opened.setAside!).size).to.equal(damaged)
        // Its device is told how far it is held, and says the rest again.
        expect(ok(await stage.catalogue.held(name))).to.include({ held: 3 })
        expect(await stage.paths(me, 'file')).to.have.length(100)
        ok(await stage.catalogue.publish(name, { base: 3, seq: 4, adds: [entry('late.txt')], removes: [] }))
        expect(await stage.paths(me, 'late')).to.deep.equal(['late.txt'])
      })
    }

    it('case 59: a damaged backup is passed over for the one before it, and without any all begins anew', async () => {
      const name = await withBackup()
      copyFileSync(`${stage.path}.backup-1`, `${stage.path}.backup-2`)
      for (const file of [stage.path, `${stage.path}.backup-1`]) writeFileSync(file, 'rubbish'.repeat(1_000))
      expect((await stage.open()).opened.restored).to.equal(`${stage.path}.backup-2`)
      expect(await stage.paths(me, 'file')).to.have.length(100)
      await stage.catalogue.close()
      for (const file of ['', '.backup-1', '.backup-2'])
        writeFileSync(stage.path + file, 'rubbish'.repeat(1_000))
      const { opened } = await stage.open()
      expect(opened).to.deep.equal({ setAside: `${stage.path}.damaged-2` })
      expect(await stage.catalogue.held(name)).to.deep.equal({ kind: 'unregistered' })
    })

    it('case 59: damage that shows while it runs is told, and the backup taken into use without a restart', async () => {
      const name = await withBackup()
      let recover = (_: object) => {}
      const recovered = new Promise<object>((resolve) => {
        recover = resolve
      })
      await stage.open({ check: false, onRecovered: (opened) => recover(opened) })
      await stage.catalogue.close()
      damages['flipped bytes']!(stage.path)
      // As a large one it is not looked through before it is used.
      await stage.open({ check: false, onRecovered: (opened) => recover(opened) }).catch(() => {})
      if (stage.catalogue.opened.setAside === undefined) {
        while ((await stage.catalogue.search(me, { words: 'file' }, 1)).kind !== 'ok') {
          // Until it is another file.
        }
        expect(await recovered).to.have.property('setAside')
      }
      expect(ok(await stage.catalogue.held(name))).to.include({ held: 3 })
    })

    it('case 59: a database of another program is refused, and left alone', async () => {
      const db = new Database(stage.path)
      db.exec('create table theirs (x)')
      db.close()
      const error = await stage.open().catch((error: unknown) => error)
      expect(error).to.have.property('code', 'state-foreign')
      expect(readdirSync(stage.dir)).to.deep.equal(['catalogue.sqlite'])
      rmSync(stage.path)
      await stage.open()
    })
  })

  describe('with readers and backups', () => {
    afterEach(() => stage.end())

    it('case 60: the log of writes stays small though somebody always reads, and a reader that does not end is ended', async () => {
      const maxLog = 2 ** 20
      await stage.open({ readers: 2, writer: { maxLog } })
      const name = await stage.share(
        faust,
        Array.from({ length: 100 }, (_, n) => entry(`song ${n}.mp3`)),
      )
      let isOver = false
      const reading = ['a@x.example', 'b@x.example', 'c@x.example'].map(async (asker) => {
        while (!isOver) await stage.catalogue.search(asker, { words: 'song' }, 20)
      })
      let longest = 0
      for (let seq = 1; seq < 80; seq++) {
        const adds = Array.from({ length: 100 }, (_, n) => entry(`${seq}/song ${n}.mp3`))
        ok(await stage.catalogue.publish(name, { base: seq, seq: seq + 1, adds, removes: [] }))
        longest = Math.max(longest, statSync(`${stage.path}-wal`).size)
      }
      isOver = true
      await Promise.all(reading)
      // It is looked at now and then.
      expect(longest).to.be.lessThan(maxLog + 64 * 2 ** 18)

      const endless = new Readers({ path: stage.path, threads: 1, deadline: 60_000, grace: -59_990 })
      const answers = await Promise.all(
        ['a', 'b'].map((asker) => endless.ask('searchPage', asker, { words: 'so*', tags: ['x'] }, 1)),
      )
      for (const answer of answers)
        expect(answer).to.satisfy((given: object) => 'found' in given || 'kind' in given)
      await endless.close()
    })

    it('a reader that ends is replaced, what it was asked is asked again, and one that cannot be had is "busy"', async () => {
      await stage.open()
      await stage.share(faust, [entry('song.mp3')])
      const readers = new Readers({ path: stage.path, threads: 1 })
      const ask = (asker: string) => readers.ask('searchPage', asker, { words: 'song' }, 1)
      expect(await ask(me)).to.have.property('found')
      const running = ask(me)
      readers.restart()
      expect(await running).to.have.nested.property('first.length', 1)
      expect(readers.ended).to.equal(1)
      await readers.close()
      const nowhere = new Readers({
        path: join(stage.dir, 'none', 'catalogue.sqlite'),
        threads: 1,
        maxWaiting: 1,
      })
      const waiting = nowhere.ask('searchPage', me, { words: 'x' }, 1)
      expect(await nowhere.ask('searchPage', faust, { words: 'x' }, 1)).to.deep.equal({ kind: 'busy' })
      await nowhere.close()
      expect(await waiting).to.deep.equal({ kind: 'busy' })
    })

    it('case 63: a backup made while it is written to is of one state, whole, and can be used', async () => {
      await stage.open()
      const name = await stage.share(faust, [entry('first.txt')])
      let isOver = false
      let seq = 1
      const publishing = (async () => {
        for (; !isOver; seq++) {
          const adds = Array.from({ length: 50 }, (_, n) => entry(`f${seq}/file ${n}.txt`, { tags: ['t'] }))
          ok(await stage.catalogue.publish(name, { base: seq, seq: seq + 1, adds, removes: [] }))
        }
      })()
      while (seq < 10) await new Promise((resolve) => setImmediate(resolve))
      const backup = await stage.catalogue.backUp()
      // The one on its way may be in it too.
      const before = seq + 1
      expect(backup).to.equal(`${stage.path}.backup-1`)
      // The next one takes its place, which is kept as the one of the day.
      await stage.catalogue.backUp()
      isOver = true
      await publishing
      await stage.catalogue.close()
      expect(readdirSync(stage.dir).sort()).to.deep.equal(
        ['', '.backup-1', '.backup-2'].map((end) => `catalogue.sqlite${end}`),
      )
      const db = new Database(`${stage.path}.backup-2`, { readonly: true })
      expect(db.pragma('integrity_check', { simple: true })).to.equal('ok')
      db.close()
      copyFileSync(`${stage.path}.backup-2`, stage.path)
      await stage.open()
      const { held } = ok(await stage.catalogue.held(name))
      expect(held).to.be.within(10, before)
      const { items } = ok(await stage.catalogue.shares(faust, faust, { max: 1 }))
      expect(items[0]!.value.files).to.equal(1 + 50 * (held - 1))
      expect(existsSync(`${stage.path}.backup-new`)).to.equal(false)
    })
  })
})
