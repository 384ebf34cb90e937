/**
 * What there is to say of a share, and what has been said (docs/catalogue.md, "Changes").
 *
 * Rules: a number is durable before it is said, with the words that go with it, and those are said again until there is
 * an answer; no number is used twice, whatever becomes of the component's memory. What changed while a change was on its
 * way stays to be said.
 */

import type Database from 'better-sqlite3'
import type { ListHead } from '../../../protocol/catalogue-list/index.js'
import { type Entry, maxModified, slices } from '../../../schemas/index.js'
import { fromHex, toHex } from '../../transfer/hex.js'
import type { ChangeSaid, EntrySaid } from '../keeper-messages.js'
import { addBytes, removeBytes } from '../stanza-pace.js'
import type { Batch } from './batch.js'
import type { Files } from './files.js'
import type { ShareRow, ShareRows } from './share-rows.js'

/** Rows that are looked at for one publication: more than ever fit into one. */
const mostAdds = 128
const mostRemoves = 256
/**
 * Bytes of a publication, of the 8,192 it may have. A stock Prosody reads nothing from a stream for as long as what it has
 * read takes at 10 kB/s: behind a publication somebody's message waits a third of a second at most.
 */
const stanzaBytes = 3_500
/** Rows of each kind that are looked at to know how long they are. */
const mostMeasured = 64
/** Rows that are marked in one commit when a whole list is held. */
const mostMarked = 20_000

/** A change on its way: `mark` is the last change of a row that it knows of. */
type Saying = ChangeSaid & { mark: number }
interface Listing {
  seq: number
  mark: number
}

interface Told {
  path: string
  size: number
  modified: number
  root: Buffer | null
  type: string | null
}

const entries = `
  select case folder.path when '' then name else folder.path || '/' || name end as path,
    size, mtime_ns / 1000000000 as modified, root, type
  from file join folder on folder.n = file.folder`
/** Of what is to be said, how many bytes the first few paths have, with what is around them. */
const measured = (rows: string, around: number) => `
  select * from (
    select ${around} + length(cast(name as blob)) + length(cast(path as blob)) + (path <> '') as bytes
    from file join folder on folder.n = file.folder
    where file.share = :share and dirty = 1 and ${rows} order by file.n limit ${mostMeasured})`
const isListed = 'file.share = ? and gone is null and root is not null'
const countOfList = `select count(*) from file where ${isListed}`
// Compared byte by byte, which is the order of code points. By folders, so that nothing has to be sorted.
const entriesInOrder = `
  select case folder.path when '' then name else folder.path || '/' || name end as path,
    size, mtime_ns / 1000000000 as modified, root, type
  from folder cross join file on file.folder = folder.n
  where folder.share = ? and gone is null and root is not null
  order by folder.path, name`

export class Changes {
  readonly #sql

  constructor(
    readonly db: Database.Database,
    readonly batch: Batch,
    readonly files: Files,
    readonly shares: ShareRows,
  ) {
    this.#sql = {
      toAdd: db.prepare(
        `${entries} where file.share = ? and dirty = 1 and gone is null order by file.n limit ?`,
      ),
      toRemove: db.prepare(
        `${entries} where file.share = ? and dirty = 1 and gone is not null order by file.n limit ?`,
      ),
      meanBytes: db
        .prepare(
          `select avg(bytes) from (
            ${measured('gone is null', addBytes)} union all ${measured('gone is not null', removeBytes)})`,
        )
        .pluck(),
      saying: db.prepare('select saying from share where n = ?').pluck(),
      setSaying: db.prepare('update share set saying = ? where n = ?'),
      listing: db.prepare('select listing from share where n = ?').pluck(),
      setListing: db.prepare('update share set listing = ? where n = ?'),
      at: db.prepare(`
        select file.n, gone is null as here, root is not null as hashed, changed
        from file join folder on folder.n = file.folder
        where folder.share = ? and folder.path = ? and name = ?`),
      mark: db.prepare('update file set told = ?, dirty = ? where n = ?'),
      // In slices of row numbers, so that each commit is short.
      listed: db.prepare(`
        update file set
          told = case when changed <= :mark then gone is null and root is not null else 1 end,
          dirty = case when changed <= :mark then 0
            when gone is null then root is not null else 1 end
        where n > :from and n <= :to and share = :share
          and (gone is null or told = 1 or dirty = 1 or changed > :mark)`),
      untold: db.prepare(`
        update file set told = 0, dirty = gone is null and root is not null
        where n > :from and n <= :to and share = :share and (told = 1 or gone is null)`),
      lastRow: db.prepare('select coalesce(max(n), 0) from file').pluck(),
    }
  }

  /** The number of the publication on its way. */
  saying(share: ShareRow): number | undefined {
    return this.#saying(share)?.seq
  }

  /** The number of the list on its way. */
  listing(share: ShareRow): number | undefined {
    return this.#listing(share)?.seq
  }

  /** How many bytes of a publication one change of it takes, about; 0 where there is none. */
  meanBytes({ n }: ShareRow): number {
    return (this.#sql.meanBytes.get({ share: n }) as number | null) ?? 0
  }

  /** The next publication: the one on its way if there is one. It is on the disk when this returns. */
  take(share: ShareRow, removesOnly = false): ChangeSaid | undefined {
    const onItsWay = this.#saying(share)
    if (onItsWay !== undefined) return said(onItsWay)
    this.batch.commit()
    const removes = (this.#sql.toRemove.all(share.n, mostRemoves) as Told[]).map(({ path }) => path)
    const toAdd = removesOnly ? [] : (this.#sql.toAdd.all(share.n, mostAdds) as Told[])
    const adds = toAdd.map(entryOf)
    for (const slice of slices(share.id, share.held, { removes, adds }, stanzaBytes)) {
      // Numbers that were said before, of a publication that a list took the place of, are left out.
      const seq = Math.max(share.said, share.held) + 1
      const saying: Saying = {
        base: share.held,
        seq,
        removes: slice.removes,
        adds: slice.adds.map(entrySaid),
        mark: this.files.changed,
      }
      share.said = seq
      this.#durably(() => {
        this.shares.put(share)
        this.#sql.setSaying.run(JSON.stringify(saying), share.n)
      })
      return said(saying)
    }
    return undefined
  }

  /** The component did not take what is on its way: it is said under another number, with what is to be said by then. */
  refused(share: ShareRow): void {
    this.#durably(() => this.#sql.setSaying.run(null, share.n))
  }

  /** The component holds this number: what was on its way under it is told. */
  held(share: ShareRow, seq: number): void {
    const saying = this.#saying(share)
    const listing = this.#listing(share)
    this.batch.commit()
    if (listing?.seq === seq) this.#markListed(share, listing)
    this.#durably(() => {
      share.held = seq
      this.shares.put(share)
      if (saying?.seq === seq) this.#markSaid(share, saying)
      // What is below this number can never be taken any more.
      if (saying !== undefined && saying.seq <= seq) this.#sql.setSaying.run(null, share.n)
      if (listing !== undefined && listing.seq <= seq) this.#sql.setListing.run(null, share.n)
    })
    this.files.recount(share.n)
  }

  /**
   * Begins a whole list: its number, greater than `above` too, is durable when this returns. The entries are read from
   * `reader`, another connection: as they are now, whatever is written meanwhile.
   */
  list(share: ShareRow, above: number, reader: Database.Database): { head: ListHead; each: Iterable<Entry> } {
    this.batch.commit()
    const seq = Math.max(share.said, share.held, above) + 1
    share.said = seq
    const listing: Listing = { seq, mark: this.files.changed }
    this.#durably(() => {
      this.shares.put(share)
      this.#sql.setListing.run(JSON.stringify(listing), share.n)
    })
    reader.exec('begin')
    const entries = reader.prepare(countOfList).pluck().get(share.n) as number
    const rows = reader.prepare(entriesInOrder)
    const each = function* () {
      for (const row of rows.iterate(share.n)) yield entryOf(row as Told)
    }
    return { head: { share: share.id, seq, entries }, each: each() }
  }

  dropList(share: ShareRow): void {
    this.#durably(() => this.#sql.setListing.run(null, share.n))
  }

  /** The component has nothing of it: everything is to be told, under greater numbers than before. */
  startOver(share: ShareRow): void {
    this.batch.commit()
    this.#durably(() => {
      share.held = 0
      share.toldSettings = undefined
      this.shares.put(share)
      this.#sql.setSaying.run(null, share.n)
      this.#sql.setListing.run(null, share.n)
    })
    this.#slices((from, to) => this.#sql.untold.run({ from, to, share: share.n }))
    this.files.recount(share.n)
  }

  #markSaid(share: ShareRow, { removes, adds, mark }: Saying): void {
    const told = (path: string, isAdd: boolean) => {
      const slash = path.lastIndexOf('/')
      const folder = slash < 0 ? '' : path.slice(0, slash)
      const row = this.#sql.at.get(share.n, folder, path.slice(slash + 1)) as
        | { n: number; here: number; hashed: number; changed: number }
        | undefined
      if (row === undefined) return
      const { n, here, hashed } = row
      // What changed meanwhile is still to be said; while its root is not known there is nothing to say.
      const isDirty = row.changed > mark && (here === 1 ? hashed === 1 : isAdd)
      this.#sql.mark.run(isAdd ? 1 : 0, isDirty ? 1 : 0, n)
    }
    for (const path of removes) told(path, false)
    for (const { path } of adds) told(path, true)
  }

  #markListed(share: ShareRow, { mark }: Listing): void {
    this.#slices((from, to) => this.#sql.listed.run({ mark, from, to, share: share.n }))
  }

  #slices(change: (from: number, to: number) => void): void {
    const last = this.#sql.lastRow.get() as number
    for (let from = 0; from < last; from += mostMarked) {
      this.#durably(() => change(from, from + mostMarked))
    }
  }

  #saying({ n }: ShareRow): Saying | undefined {
    const text = this.#sql.saying.get(n) as string | null
    return text === null ? undefined : JSON.parse(text)
  }

  #listing({ n }: ShareRow): Listing | undefined {
    const text = this.#sql.listing.get(n) as string | null
    return text === null ? undefined : JSON.parse(text)
  }

  #durably(write: () => void): void {
    this.batch.begin()
    write()
    this.batch.commit()
  }
}

const said = ({ base, seq, removes, adds }: Saying): ChangeSaid => ({ base, seq, removes, adds })

function entryOf({ path, size, modified, root, type }: Told): Entry {
  const time = Math.min(maxModified, Math.max(0, modified))
  const entry: Entry = { path, size, modified: time, root: new Uint8Array(root!), tags: [] }
  if (type !== null) entry.type = type
  return entry
}

function entrySaid({ path, size, modified, root, type }: Entry): EntrySaid {
  return { path, size, modified, root: toHex(root), ...(type !== undefined && { type }) }
}

/** The other way. */
export function entryFrom({ path, size, modified, root, type }: EntrySaid): Entry {
  const entry: Entry = { path, size, modified, root: fromHex(root), tags: [] }
  if (type !== undefined) entry.type = type
  return entry
}
