/** What is looked up ahead for the writer: it is believed only as long as it is surely so, and nothing depends on it. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect } from 'chai'
import fc from 'fast-check'
import { Foresight } from '../../../component/catalogue/foresight.js'
import {
  type Foreseen,
  LooksDone,
  makeForesight,
  maxLooks,
  nothingForeseen,
} from '../../../component/catalogue/foresight-memory.js'
import { defaultQuotas } from '../../../component/catalogue/limits.js'
import { lookUpsIn } from '../../../component/catalogue/look-ups.js'
import { LookingAhead } from '../../../component/catalogue/looking-ahead.js'
import { Lookout, lookFor, lookUp } from '../../../component/catalogue/lookout.js'
import { type Db, openForReading } from '../../../component/catalogue/open-catalogue.js'
import { Asked, makeShared } from '../../../component/catalogue/precedence.js'
import type { Entry, ShareName } from '../../../component/catalogue/values.js'
import { openWriter, type Writer } from '../../../component/catalogue/writer.js'
import { entry, everybody, ok, rootOf, Stage } from './stage.js'

const faust = { peer: 'faust@goethe.example', device: 'laptop', share: 'stuff' }
const gretchen = { peer: 'gretchen@goethe.example', device: 'phone', share: 'stuff' }
const song = entry('songs/old/king.mp3')

/** A writer, and one who looks ahead for it when the test says so. */
class Pair {
  readonly path: string
  readonly memory = makeForesight()
  readonly foresight = new Foresight(this.memory)
  readonly lookout = new Lookout(this.memory)
  readonly writer: Writer
  readonly #db: Db
  readonly #held = new Map<string, number>()
  #look = 0

  constructor(dir: string) {
    this.path = join(dir, 'catalogue.sqlite')
    const config = { path: this.path, quotas: defaultQuotas, check: false }
    this.writer = openWriter(config, false, () => {}, this.foresight)
    this.foresight.opened()
    this.#db = openForReading(this.path)
    for (const name of [faust, gretchen]) {
      this.do(() => this.writer.operations.register(name, undefined, 0))
      this.do(() => this.writer.operations.openShare(name, { name: 'stuff', visibleTo: everybody, tags: [] }))
    }
  }

  close(): void {
    this.#db.close()
    this.writer.close()
  }

  do(...works: (() => unknown)[]): void {
    for (const result of this.writer.runAll(works)) if ('error' in result) throw result.error
  }

  /** What a change does, as a piece of work. */
  change = (name: ShareName, adds: Entry[], removes: string[] = [], look = 0) => {
    return () => {
      const base = this.#held.get(name.peer) ?? 0
      const change = { base, seq: base + 1, adds, removes }
      expect(ok(this.writer.operations.publish(name, change, look).answer)).to.include({ isApplied: true })
      this.#held.set(name.peer, base + 1)
    }
  }

  /** Looks these up, as the file is now; `meanwhile` happens between the beginning of that and its end. */
  look(entries: Entry[], meanwhile = () => {}): number {
    const look = ++this.#look
    if (this.lookout.begin() === undefined) return look
    this.#db.transaction(() => {
      this.#db.prepare('select count(*) from share').get()
      meanwhile()
      lookUp(lookFor(look, entries), lookUpsIn(this.#db), this.lookout)
    })()
    this.lookout.end()
    this.lookout.done(look)
    return look
  }

  /** What is known of an entry that was looked up. */
  known(look: number, index = 0): Foreseen {
    this.foresight.begin(look)
    return this.foresight.at(index)
  }

  rows(table: string): string[] {
    const db = new Database(this.path, { readonly: true })
    try {
      const rows = db.prepare(`select * from ${table}`).raw().all()
      return rows.map((row) => JSON.stringify(row)).sort()
    } finally {
      db.close()
    }
  }

  /** What a share is said to have. */
  files(name: ShareName): { path: string; root: string }[] {
    const db = new Database(this.path, { readonly: true })
    try {
      return db
        .prepare(
          `select iif(f.path = '', '', f.path || '/') || p.name as path, lower(hex(c.root)) as root
           from share s join peer o on o.id = s.peer join entry e on e.share = s.id join path p on p.id = e.path
           join folder f on f.id = p.folder and f.id = e.folder join content c on c.id = e.content
           join content_path cp on cp.content = c.id and cp.path = p.id where o.jid = ? order by 1`,
        )
        .all(name.peer) as { path: string; root: string }[]
    } finally {
      db.close()
    }
  }
}

describe('catalogue: looking ahead', function () {
  this.timeout(120_000)
  let dir: string
  let pair: Pair
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'jabberfs-foresight-'))
    pair = new Pair(dir)
  })
  afterEach(() => {
    pair.close()
    rmSync(dir, { recursive: true, force: true })
  })

  const had = [{ path: song.path, root: song.root }]
  const isKnown = (known: Foreseen) =>
    expect(Object.values(known).every((number) => number > 0)).to.equal(true, JSON.stringify(known))

  it('what is there is known, and nothing of what is not there yet', () => {
    pair.do(pair.change(faust, [song]))
    const look = pair.look([song, entry('songs/old/queen.mp3'), entry('books/faust.pdf')])
    isKnown(pair.known(look))
    expect(pair.known(look, 1)).to.include({ path: 0, content: 0 })
    expect(pair.known(look, 1).folder).to.be.greaterThan(0)
    expect(pair.known(look, 2)).to.deep.equal(nothingForeseen)
    expect(pair.known(look, 3)).to.deep.equal(nothingForeseen)
    expect(pair.known(look + 1)).to.deep.equal(nothingForeseen)
    expect(pair.known(0)).to.deep.equal(nothingForeseen)
  })

  it('the writer believes it, and does not look itself', () => {
    pair.do(pair.change(faust, [song]))
    const [before] = pair.rows('path')
    const [id, folder, key, name] = JSON.parse(before!) as [number, number, number, string]
    const look = pair.look([song])
    // Nobody but who looked ahead knows of this path: its key is another.
    const db = new Database(pair.path)
    db.prepare('update path set key = key + 1 where id = ?').run(id)
    db.close()
    pair.do(pair.change(gretchen, [song], [], look))
    expect(pair.files(gretchen)).to.deep.equal(had)
    expect(pair.rows('path')).to.deep.equal([JSON.stringify([id, folder, key + 1, name])])
  })

  it('a path that was dropped since is looked up again', () => {
    pair.do(pair.change(faust, [song]))
    const look = pair.look([song])
    pair.do(pair.change(faust, [], [song.path]))
    expect(pair.rows('path')).to.deep.equal([])
    expect(pair.known(look)).to.deep.equal(nothingForeseen)
    pair.do(pair.change(gretchen, [song], [], look))
    expect(pair.files(gretchen)).to.deep.equal(had)
    isKnown(pair.known(pair.look([song])))
  })

  it('so is one that is dropped in the same transaction, whenever it was looked up before that is committed', () => {
    for (const when of ['before', 'between', 'after']) {
      pair.do(pair.change(faust, [song]))
      let look = when === 'before' ? pair.look([song]) : 0
      pair.do(
        () => {
          if (when === 'between') look = pair.look([song], pair.change(faust, [], [song.path]))
          else pair.change(faust, [], [song.path])()
        },
        () => {
          // It is in the file still, for whoever else reads it.
          if (when === 'after') look = pair.look([song])
          expect(pair.known(look)).to.deep.equal(nothingForeseen)
          pair.change(gretchen, [song], [], look)()
        },
      )
      expect(pair.known(look)).to.deep.equal(nothingForeseen)
      expect(pair.files(gretchen)).to.deep.equal(had)
      expect(pair.files(faust)).to.deep.equal([])
      pair.do(pair.change(gretchen, [], [song.path]))
      expect(pair.rows('path')).to.deep.equal([])
    }
  })

  it('a content that is under the path no more is looked up again, though the path is there', () => {
    const other = { ...song, root: rootOf('other') }
    pair.do(pair.change(faust, [song]))
    const look = pair.look([song])
    pair.do(pair.change(faust, [other]))
    expect(pair.known(look)).to.deep.equal(nothingForeseen)
    pair.do(pair.change(gretchen, [song], [], look))
    expect(pair.files(gretchen)).to.deep.equal(had)
    expect(pair.files(faust)).to.deep.equal([{ path: song.path, root: other.root }])
  })

  it('what was taken back is as it was: it is known again', () => {
    pair.do(pair.change(faust, [song]))
    const bug = new Error('a bug')
    const results = pair.writer.runAll([
      () => {
        pair.change(faust, [], [song.path])()
        throw bug
      },
    ])
    expect(results).to.deep.equal([{ error: bug }])
    const look = pair.look([song])
    isKnown(pair.known(look))
    pair.do(pair.change(gretchen, [song], [], look))
    expect(pair.files(gretchen)).to.deep.equal(had)
  })

  it('of what was looked up before the file was opened anew nothing is believed, and nothing is looked up while it is closed', () => {
    pair.do(pair.change(faust, [song]))
    const look = pair.look([song])
    isKnown(pair.known(look))
    pair.foresight.closed()
    expect(pair.lookout.begin()).to.equal(undefined)
    expect(pair.known(look)).to.deep.equal(nothingForeseen)
    pair.foresight.opened()
    expect(pair.known(look)).to.deep.equal(nothingForeseen)
    isKnown(pair.known(pair.look([song])))
  })

  it('case 60: while the log is to begin anew nobody looks ahead, until something was written', () => {
    pair.do(pair.change(faust, [song]))
    pair.foresight.alone(() => expect(pair.lookout.begin()).to.equal(undefined))
    expect(pair.lookout.isToRest).to.equal(true)
    pair.do(pair.change(faust, [entry('songs/new.mp3')]))
    isKnown(pair.known(pair.look([song])))
  })

  it('a path with a new line in it moves nothing from one entry to another', () => {
    pair.do(pair.change(faust, [song]))
    const look = pair.look([entry(`x\n${song.path}`), song])
    expect(pair.known(look)).to.deep.equal(nothingForeseen)
    expect(pair.known(look, 1)).to.deep.equal(nothingForeseen)
  })

  it('with it all is as without it, whatever comes and goes, and however old it is', () => {
    const aChange = fc.record({
      isFaust: fc.boolean(),
      adds: fc.uniqueArray(fc.tuple(fc.nat(11), fc.nat(2)), { maxLength: 6, selector: ([path]) => path }),
      removes: fc.uniqueArray(fc.nat(11), { maxLength: 4 }),
      /** How many transactions before it is looked up. */
      age: fc.nat(3),
    })
    const batches = fc.array(fc.array(aChange, { minLength: 1, maxLength: 4 }), {
      minLength: 1,
      maxLength: 12,
    })
    const pathOf = (path: number) => `${['a', 'a/b', 'c/d'][path % 3]}/${path}.txt`
    let isUsed = false
    fc.assert(
      fc.property(batches, (all) => {
        const [withIt, without] = ['with', 'without'].map((name) => new Pair(mkdtempSync(join(dir, name))))
        const changes = all.map((batch) =>
          batch.map(({ isFaust, adds, removes, age }) => {
            const entries = adds.map(([path, root]) => entry(pathOf(path), { root: rootOf(`${root}`) }))
            return { name: isFaust ? faust : gretchen, entries, removes: removes.map(pathOf), age }
          }),
        )
        const looks = new Map<object, number>()
        changes.forEach((batch, at) => {
          for (const [later, after] of changes.slice(at).entries()) {
            for (const one of after) {
              if (later === one.age || (at === 0 && later < one.age)) {
                looks.set(one, withIt!.look(one.entries))
              }
            }
          }
          withIt!.do(
            ...batch.map((one) => () => {
              const look = looks.get(one)!
              one.entries.forEach((_, index) => {
                isUsed ||= withIt!.known(look, index).content > 0
              })
              withIt!.change(one.name, one.entries, one.removes, look)()
            }),
          )
          without!.do(...batch.map(({ name, entries, removes }) => without!.change(name, entries, removes)))
        })
        const tables = ['folder', 'path', 'content', 'content_path', 'entry', 'share_folder', 'word', 'total']
        for (const table of [...tables, 'share', 'words_docsize']) {
          expect(withIt!.rows(table)).to.deep.equal(without!.rows(table), table)
        }
        withIt!.close()
        without!.close()
      }),
      { numRuns: 40 },
    )
    expect(isUsed).to.equal(true)
  })
})

describe('catalogue: the thread that looks ahead', function () {
  this.timeout(120_000)
  const busy = 100
  const until = async (isSo: () => boolean) => {
    while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 5))
  }

  it('finds what the writer has put, and stands back for searches', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'jabberfs-foresight-'))
    const pair = new Pair(dir)
    pair.do(pair.change(faust, [song]))
    const shared = makeShared()
    const ahead = new LookingAhead(pair.path, shared)
    const foresight = new Foresight(ahead.memory)
    foresight.opened()
    expect(ahead.look([song], 0)).to.equal(0)
    const asked = new Asked(shared)
    asked.begin()
    expect(ahead.look([song], busy)).to.equal(0)
    asked.end()
    const look = ahead.look([song], busy)
    await until(() => new LooksDone(ahead.memory).has(look))
    foresight.begin(look)
    expect(foresight.at(0).content).to.be.greaterThan(0)
    await ahead.close()
    expect(ahead.look([song], busy)).to.equal(0)
    pair.close()
    rmSync(dir, { recursive: true })
  })

  it('P16: has so many calls at once and no more, and says nothing of a file that it cannot read', async () => {
    const ahead = new LookingAhead(join(tmpdir(), 'jabberfs-no-such-folder', 'catalogue.sqlite'))
    const foresight = new Foresight(ahead.memory)
    foresight.opened()
    const looks = Array.from({ length: maxLooks + 10 }, () => ahead.look([song], busy))
    expect(looks.slice(maxLooks).every((look) => look === 0)).to.equal(true)
    const [first] = looks as [number]
    await until(() => new LooksDone(ahead.memory).has(looks[maxLooks - 1]!))
    // The writer may read it still.
    expect(ahead.look([song], busy)).to.equal(0)
    foresight.begin(first)
    expect(foresight.at(0)).to.deep.equal(nothingForeseen)
    ahead.answered(first)
    expect(ahead.look([song], busy)).to.be.greaterThan(0)
    await ahead.close()
  })

  it('a thread that cannot be had is done without', async () => {
    // Such a path is not to be given to a thread, as little as where the system has none left.
    const ahead = new LookingAhead((() => {}) as unknown as string)
    for (let n = 0; n < 3; n++) expect(ahead.look([song], busy)).to.equal(0)
    await ahead.close()
  })

  it('many changes at once of what others have too are all there, and counted', async () => {
    const stage = new Stage()
    await stage.open()
    const peers = Array.from({ length: 12 }, (_, at) => `p${at}@goethe.example`)
    const names = await Promise.all(peers.map((peer) => stage.share(peer, [])))
    const files = Array.from({ length: 300 }, (_, at) => entry(`folder ${at % 40}/file ${at}.txt`))
    await Promise.all(
      names.map(async (name, at) => {
        for (let seq = 1; seq <= 6; seq++) {
          const from = ((at + seq) % 6) * 50
          const adds = files.slice(from, from + 50)
          // What the one before has brought goes again, in part.
          const before = ((at + seq - 1) % 6) * 50
          const removes = seq === 1 ? [] : files.slice(before, before + 10).map(({ path }) => path)
          const change = { base: seq - 1, seq, adds, removes }
          expect(ok(await stage.catalogue.publish(name, change))).to.include({ isApplied: true })
        }
      }),
    )
    expect(await stage.catalogue.statistics()).to.include({ entries: 12 * (300 - 5 * 10) })
    await stage.catalogue.close()
    const db = new Database(stage.path, { readonly: true })
    const one = (sql: string) => db.prepare(sql).pluck().get()
    expect(one('select count(*) from entry')).to.equal(12 * 250)
    expect(one('select count(*) from entry where path not in (select id from path)')).to.equal(0)
    expect(one('select count(*) from entry where content not in (select id from content)')).to.equal(0)
    expect(one('select count(*) from path where id not in (select path from entry)')).to.equal(0)
    expect(
      one(
        `select count(*) from (select content, path from entry except select content, path from content_path)`,
      ),
    ).to.equal(0)
    db.close()
    await stage.open()
    await stage.end()
  })
})
