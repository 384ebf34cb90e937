/**
 * What this device shares, to be looked up: by share and path as it was published. It reads the keeper's
 * books by a connection of its own.
 *
 * A path is looked up as text. Where the file really is, is looked at anew each time: what has become a link that leaves
 * the folder is not shared any more (case 100), also if it becomes one just then.
 */

import { realpathSync } from 'node:fs'
import { join } from 'node:path'
import type Database from 'better-sqlite3'
import { passingCode } from '../../bytes/index.js'
import { maySee } from '../../protocol/catalogue/visibility.js'
import type { LeftOut } from '../api.js'
import { toHex } from '../transfer/hex.js'
import type { ShareSettings } from './keeper-messages.js'
import { isOpenWithin, isSharedIn } from './keeping/look.js'
import { openToRead } from './keeping/schema.js'

/** A file that is shared. */
export interface SharedFile {
  /** Its share's id and its path in it, as they were published. */
  share: string
  path: string
  /** Where it is, absolute and without links. */
  file: string
  size: number
  /** 64 hex. */
  root: string
  mediaType: string | undefined
  /** What the inode said when it was hashed, as bytes' SourceIdentity has it. */
  identity: { size: number; mtimeNs: string; ino: string; ctimeNs: string }
  /** Whether what was opened there is in the share's folder: its path may have become another since it was looked at. */
  isShared(fd: number): boolean
}

/** A share as it is remembered. */
export interface RememberedShare extends ShareSettings {
  id: string
  folder: string
  files: number
  bytes: number
  told: number
  leftOut: number
}

interface FileRow {
  share: string
  base: string
  path: string
  size: number
  root: Buffer
  type: string | null
  mtime: string
  ctime: string
  ino: string
}

const mostLeftOut = 1_000

const columns = `
  select share.id as share, share.path as base,
    case folder.path when '' then file.name else folder.path || '/' || file.name end as path,
    size, root, type, cast(mtime_ns as text) as mtime, cast(ctime_ns as text) as ctime, cast(ino as text) as ino`

export class ShareIndex {
  readonly #file: string
  #ownReal: string | undefined
  #db: Database.Database | undefined
  #sql: ReturnType<typeof prepare> | undefined

  constructor(
    readonly dir: string,
    /** Our own bare JID, once it is known: who is it sees all. */
    readonly self: () => string | undefined,
  ) {
    this.#file = join(dir, 'shares.sqlite')
  }

  /** Whether anything was ever shared here. */
  get isThere(): boolean {
    return this.#open() !== undefined
  }

  /** The shares that are remembered, the oldest first. */
  shares(): RememberedShare[] {
    const rows = (this.#open()?.shares.all() ?? []) as (Omit<RememberedShare, keyof ShareSettings> & {
      settings: string
    })[]
    return rows.map(({ settings, ...row }) => ({ ...row, ...(JSON.parse(settings) as ShareSettings) }))
  }

  /** Whether the component is still to be told that something is shared no more, or for whom, or under which name. */
  get hasUntold(): boolean {
    return this.#open()?.untold.get() !== undefined
  }

  /**
   * The file that is published under this path; undefined where there is none, or not any more.
   * @throws the system's error where its disk does not say it now and may in a moment
   */
  find(share: string, path: string): SharedFile | undefined {
    const slash = path.lastIndexOf('/')
    const folder = slash < 0 ? '' : path.slice(0, slash)
    const row = this.#open()?.find.get(share, folder, path.slice(slash + 1)) as FileRow | undefined
    return row && found(this.#own, row)
  }

  /** Whether a share is for this peer (a bare JID, folded). */
  visibleTo(share: string, peer: string): boolean {
    const settings = this.#open()?.settings.get(share) as string | undefined
    if (settings === undefined) return false
    const { visibleTo } = JSON.parse(settings) as ShareSettings
    return maySee(peer, { owner: this.self() ?? '', visibleTo, blocked: [] })
  }

  /** Whether a share is for everybody. */
  isForAll(share: string): boolean {
    const settings = this.#open()?.settings.get(share) as string | undefined
    return settings !== undefined && (JSON.parse(settings) as ShareSettings).visibleTo.kind === 'everybody'
  }

  /** What of a share is not published, at most the first 1,000. */
  leftOut(share: string): LeftOut[] {
    return (this.#open()?.leftOut.all(share, mostLeftOut) ?? []) as LeftOut[]
  }

  /** The state folder, without links. */
  get #own(): string {
    this.#ownReal ??= realpathSync(this.dir)
    return this.#ownReal
  }

  close(): void {
    this.#db?.close()
    this.#db = undefined
    this.#sql = undefined
  }

  #open(): ReturnType<typeof prepare> | undefined {
    if (this.#sql !== undefined) return this.#sql
    this.#db = openToRead(this.#file)
    this.#sql = this.#db && prepare(this.#db)
    return this.#sql
  }
}

function found(
  own: string,
  { share, base, path, size, root, type, mtime, ctime, ino }: FileRow,
): SharedFile | undefined {
  try {
    const file = realpathSync(join(base, path))
    if (!isSharedIn(base, file, own)) return undefined
    const identity = { size, mtimeNs: mtime, ino, ctimeNs: ctime }
    const mediaType = type ?? undefined
    const isShared = (fd: number) => isOpenWithin(base, fd, own)
    return { share, path, file, size, root: toHex(root), mediaType, identity, isShared }
  } catch (error) {
    if (passingCode(error) !== undefined) throw error
    return undefined
  }
}

function prepare(db: Database.Database) {
  // A root that is to be made again may be that of other bytes.
  const isShared = 'gone is null and root is not null and fresh = 1'
  return {
    shares: db.prepare(
      'select id, path as folder, settings, files, bytes, told, left_out as leftOut from share order by n',
    ),
    untold: db
      .prepare(
        'select id from ended union all select id from share where told_settings is not settings limit 1',
      )
      .pluck(),
    settings: db.prepare('select settings from share where id = ?').pluck(),
    leftOut: db.prepare(`
      select case folder.path when '' then name else folder.path || '/' || name end as path, why
      from share join folder on folder.share = share.n join left_out on left_out.folder = folder.n
      where share.id = ? and here = 1 order by folder.path, name limit ?`),
    find: db.prepare(`
      ${columns} from share join folder on folder.share = share.n join file on file.folder = folder.n
      where share.id = ? and folder.path = ? and file.name = ? and ${isShared}`),
  }
}
