/**
 * The rows of folders and files, and how they change. Nothing else writes them, so the counts are always right.
 *
 * A file is known again by device, inode, size and time of modification. Where the time of the inode moved at the same
 * place, it is hashed again (a program can set the time of modification back); where the same inode came to another
 * place, it was renamed, which moves that time too and costs no hashing. An inode's number is used again for other files, often at
 * once: one that was made after the books saw the inode last is another file.
 */

import { type BigIntStats, lstatSync } from 'node:fs'
import { join } from 'node:path'
import type Database from 'better-sqlite3'
import { keepsInodeNumbers } from '../../../bytes/inode-numbers.js'
import type { Batch } from './batch.js'
import { type Counted, type Counts, count, noCounts } from './counts.js'
import { prepare } from './file-statements.js'
import { mediaTypeOf } from './media-types.js'

/** A file that waits to be hashed. */
export interface Unhashed {
  n: number
  share: number
  folderNumber: number
  folder: string
  name: string
  size: number
}

interface Row {
  n: number
  share: number
  gone: number | null
  size: number
  root: Buffer | null
  fresh: number
  told: number
  dirty: number
}

type Change = Omit<Row, 'n' | 'share'>

const int64 = (value: bigint): bigint => BigInt.asIntN(64, value)

/** What a file is known again by, as the books hold it: 64 bits of each, also of a time after 2262 or an inode beyond 2^63. */
const stampOf = ({ size, mtimeNs, ctimeNs, dev, ino }: BigIntStats) => ({
  size: Number(size),
  mtime: int64(mtimeNs),
  ctime: int64(ctimeNs),
  dev: int64(dev),
  ino: int64(ino),
})
/** As {@link stampOf}, and when it was made: what the books know of its inode from before that is of another file. */
const markOf = (stats: BigIntStats) => ({ ...stampOf(stats), born: int64(stats.birthtimeNs) })
const nowSeconds = (): number => Math.floor(Date.now() / 1_000)
const counted = ({ gone, size, fresh, told, dirty }: Change): Counted => ({
  isHere: gone === null,
  isFresh: fresh === 1,
  isTold: told === 1,
  isDirty: dirty === 1,
  size,
})

export class Files {
  readonly #counts = new Map<number, Counts>()
  readonly #sql
  #changed: number
  /** Grows whenever something is left out, or not any more. */
  leftOutChanges = 1
  /** Grows whenever a file is here that was not. */
  came = 0

  constructor(
    readonly db: Database.Database,
    readonly batch: Batch,
    /** Where a share is, by its number. */
    readonly rootOf: (share: number) => string | undefined,
    /** Told where else a file is that changed, under another name: what is there may have changed as well. */
    readonly alsoAt: (share: number, folder: string, name: string) => void = () => undefined,
  ) {
    this.#sql = prepare(db)
    this.#changed = Number(this.#sql.lastChanged.get() ?? 0)
  }

  /** The number of the last change so far. */
  get changed(): number {
    return this.#changed
  }

  counts(share: number): Counts {
    let counts = this.#counts.get(share)
    if (counts === undefined) {
      counts = this.#sql.count.get(share) as Counts
      this.#counts.set(share, counts ?? noCounts())
    }
    return counts
  }

  /** After many rows were changed at once. */
  recount(share: number): void {
    this.#counts.delete(share)
  }

  /** A folder's number; it is here. @param parent the number of the one that it is in */
  folder(share: number, path: string, parent: number | null): number {
    const known = this.#sql.folder.get(share, path) as { n: number; here: number } | undefined
    if (known?.here === 1) return known.n
    this.batch.begin()
    if (known === undefined) return Number(this.#sql.addFolder.run(share, parent, path).lastInsertRowid)
    this.#sql.findFolder.run(parent, known.n)
    return known.n
  }

  /** The number of a folder, whether it is here or was; null where none is known. */
  folderNumber(share: number, path: string): number | null {
    return (this.#sql.folder.get(share, path) as { n: number } | undefined)?.n ?? null
  }

  /** The number of a folder that is here. */
  knownFolder(share: number, path: string): number | undefined {
    const known = this.#sql.folder.get(share, path) as { n: number; here: number } | undefined
    return known?.here === 1 ? known.n : undefined
  }

  /** Folders in a folder, as they were seen last. */
  foldersIn(folder: number): { n: number; path: string }[] {
    return this.#sql.foldersIn.all(folder) as { n: number; path: string }[]
  }

  /** A folder and all below it, as they were seen last. */
  foldersBelow(share: number, path: string): { n: number; path: string }[] {
    if (path === '') return this.#sql.foldersOf.all(share) as { n: number; path: string }[]
    return this.#sql.foldersBelow.all(share, path, `${path}/`, `${path}0`) as { n: number; path: string }[]
  }

  /** Files in a folder, as they were seen last. */
  filesIn(folder: number): { n: number; name: string }[] {
    return this.#sql.filesIn.all(folder) as { n: number; name: string }[]
  }

  /** The number of a file that is here. */
  fileNamed(folder: number, name: string): number | undefined {
    return this.#sql.fileNamed.get(folder, name) as number | undefined
  }

  /** Whether it is here and still to be hashed. */
  isUnhashed(share: number, folder: string, name: string): boolean {
    return this.#sql.isUnhashed.get(share, folder, name) !== undefined
  }

  /** There is such a file. @returns its number */
  see(share: number, folder: number, name: string, stats: BigIntStats): number {
    const stamp = stampOf(stats)
    const row = this.#sql.file.get({ folder, name, ...markOf(stats) }) as
      | (Row & { same: number; same_ctime: number; same_ino: number })
      | undefined
    if (row && row.gone === null && row.same && row.same_ctime) return row.n
    if (row?.gone === null) this.#tellOthers(row.n, row.same_ino === 1)
    else this.came++
    if (row?.same && row.root !== null) {
      // It is back, or its inode's time moved.
      const fresh = row.same_ctime || row.gone !== null ? row.fresh : 0
      const dirty = row.gone === null ? row.dirty : 1
      this.#write(row, { ...row, gone: null, fresh, dirty }, stamp)
      return row.n
    }
    const root = this.#rootOfRenamed(share, stats, row?.n)
    const change = {
      gone: null,
      size: stamp.size,
      root,
      fresh: root === null ? 0 : 1,
      told: row?.told ?? 0,
      // What the component has stays there until it is known what is here now.
      dirty: root === null ? 0 : 1,
    }
    if (row !== undefined) {
      this.#write(row, change, stamp)
      return row.n
    }
    this.batch.begin()
    const counts = this.counts(share)
    const { lastInsertRowid } = this.#sql.addFile.run({
      ...stamp,
      share,
      folder,
      name,
      root,
      fresh: change.fresh,
      dirty: change.dirty,
      type: mediaTypeOf(name) ?? null,
      changed: ++this.#changed,
    })
    count(counts, counted(change), 1)
    return Number(lastInsertRowid)
  }

  /** It is not here any more. */
  lose(n: number): void {
    const row = this.#sql.row.get(n) as Row
    if (row.gone !== null) return
    this.#tellOthers(n, false)
    this.#write(row, { ...row, gone: nowSeconds(), dirty: row.told })
  }

  /** So is a folder, with all that is below it. @returns the folders that were there */
  loseFolder(share: number, path: string): string[] {
    const lost = this.foldersBelow(share, path)
    for (const folder of lost) {
      for (const { n } of this.filesIn(folder.n)) this.lose(n)
      this.batch.begin()
      this.#sql.loseFolder.run(folder.n)
      this.leftOutChanges += this.#sql.clearLeftOut.run(folder.n).changes
      this.batch.mayCommit()
    }
    return lost.map((folder) => folder.path)
  }

  /** The next to be hashed, the smallest first, of those that nothing was written to for a moment. */
  unhashed(from: number, to: number, restedMs: number, max: number): Unhashed[] {
    const before = BigInt(Date.now() - restedMs) * 1_000_000n
    // A clock that was wrong is not waited for.
    const after = BigInt(Date.now() + 60_000) * 1_000_000n
    return this.#sql.unhashed.all({ from, to, before, after, max }) as Unhashed[]
  }

  /** Its root is known. */
  hashed(n: number, root: Uint8Array, stats: BigIntStats): void {
    const row = this.#sql.row.get(n) as (Row & { modified: number }) | undefined
    if (row === undefined || row.gone !== null) return
    const stamp = stampOf(stats)
    const isTouched = Number(stamp.mtime / 1_000_000_000n) !== row.modified
    const isNew = isTouched || row.root === null || Buffer.compare(row.root, root) !== 0
    const dirty = isNew || row.told === 0 ? 1 : row.dirty
    this.#tellOthers(n, true)
    this.#write(row, { ...row, size: stamp.size, root: Buffer.from(root), fresh: 1, dirty }, stamp)
  }

  /** It could not be read: it is left out, where there is a reason to name. */
  cannotRead({ n, folderNumber, name }: Unhashed, why: string | undefined): void {
    this.lose(n)
    if (why !== undefined) this.leaveOutOne(folderNumber, name, why)
  }

  /** What is not published of a folder, with why. */
  leaveOut(folder: number, names: readonly { name: string; why: string }[]): void {
    const known = this.#sql.leftOutIn.all(folder) as { name: string; why: string }[]
    const keyed = (list: readonly { name: string; why: string }[]) =>
      list
        .map(({ name, why }) => `${name}/${why}`)
        .sort()
        .join('\n')
    if (known.length === names.length && keyed(known) === keyed(names)) return
    this.batch.begin()
    this.leftOutChanges++
    this.#sql.clearLeftOut.run(folder)
    for (const { name, why } of names) this.#sql.leaveOut.run(folder, name, why)
  }

  /** One name of a folder is left out, or is not any more. */
  leaveOutOne(folder: number, name: string, why: string | undefined): void {
    const known = this.#sql.leftOutOne.get(folder, name) as string | undefined
    if (known === why) return
    this.batch.begin()
    this.leftOutChanges++
    if (why === undefined) this.#sql.keepIn.run(folder, name)
    else this.#sql.leaveOut.run(folder, name, why)
  }

  /** Names of a share that are left out for this reason: some of them, where they are many. */
  leftOutAs(share: number, why: string): { path: string; name: string }[] {
    return this.#sql.leftOutAs.all(share, why) as { path: string; name: string }[]
  }

  /** How many names of a share are left out. */
  leftOut(share: number): number {
    return this.#sql.countLeftOut.get(share) as number
  }

  /** A share is no more: its rows are kept as a memory of roots, under a number that no share has. */
  endShare(share: number): void {
    for (const { n } of this.foldersBelow(share, '')) this.#sql.clearLeftOut.run(n)
    this.#sql.endFolders.run(-share, share)
    this.#sql.endFiles.run({ share, ended: -share, now: nowSeconds() })
    this.#counts.delete(share)
    this.leftOutChanges++
  }

  /** The system counts the device that a share is on otherwise than before. */
  renumberDevice(share: number, from: bigint, to: bigint): void {
    this.batch.begin()
    this.#sql.renumber.run({ share, from: int64(from), to: int64(to) })
  }

  /** Writes a row as it is now. A row whose place has nothing to tell keeps its number of the last change. */
  #write(row: Row, change: Change, stamp?: Record<string, bigint | number>): void {
    this.batch.begin()
    const counts = this.counts(row.share)
    count(counts, counted(row), -1)
    count(counts, counted(change), 1)
    const { gone, root, fresh, dirty } = change
    const changed = ++this.#changed
    this.#sql.setFile.run({ n: row.n, gone, root, fresh, dirty, changed })
    if (stamp !== undefined) this.#sql.stamp.run({ n: row.n, ...stamp })
  }

  /**
   * A folder is told of what is done to a name in it, not of what is done to the same file by another name. A link of the file system
   * has another file when that changed; one that names a path also when another file is there, or none.
   */
  #tellOthers(n: number, isSameFile: boolean): void {
    const others = this.#sql.others.all({ n }) as { share: number; path: string; name: string }[]
    for (const { share, path, name } of others) {
      const base = this.rootOf(share)
      if (base === undefined) continue
      const there = isSameFile ? undefined : lookThere(join(base, path, name))
      if (isSameFile || (typeof there === 'object' && there.isSymbolicLink())) this.alsoAt(share, path, name)
    }
  }

  /** The root of the same inode at another place, unless that place still has it and the inode's time moved. */
  #rootOfRenamed(into: number, stats: BigIntStats, but: number | undefined): Buffer | null {
    const found = this.#sql.sameInode.all({ ...markOf(stats), but: but ?? -1 }) as {
      root: Buffer
      same_ctime: number
      gone: number | null
      share: number
      path: string
      name: string
    }[]
    // On a disk that does not keep their numbers it is another file's as likely as not.
    const isTelling = found.length > 0 && keepsInodeNumbers(this.rootOf(into) ?? '')
    if (!isTelling) return null
    for (const { root, same_ctime, gone, share, path, name } of found) {
      if (same_ctime || gone !== null) return root
      const base = this.rootOf(share)
      if (base === undefined) return root
      const there = lookThere(join(base, path, name))
      if (there === 'gone') return root
      if (there !== 'unknown' && (there.ino !== stats.ino || there.dev !== stats.dev)) return root
    }
    return null
  }
}

/** What is at a place where a file was; unknown where nothing may be concluded. */
function lookThere(file: string): BigIntStats | 'gone' | 'unknown' {
  try {
    return lstatSync(file, { bigint: true, throwIfNoEntry: false }) ?? 'gone'
  } catch (error) {
    const { code } = error as { code?: string }
    // The folder that it was in is none any more.
    return code === 'ENOTDIR' || code === 'ELOOP' ? 'gone' : 'unknown'
  }
}
