/** The rows of shares: what they are called, what the component knows of them, and which numbers were said. */

import type Database from 'better-sqlite3'
import type { ShareSettings } from '../keeper-messages.js'

export interface ShareRow {
  readonly n: number
  id: string
  /** The folder, absolute. */
  readonly path: string
  settings: ShareSettings
  toldSettings: ShareSettings | undefined
  said: number
  held: number
}

export class ShareRows {
  readonly #all = new Map<string, ShareRow>()
  readonly #sql

  constructor(readonly db: Database.Database) {
    this.#sql = {
      all: db.prepare('select n, id, path, settings, told_settings, said, held from share order by n'),
      add: db.prepare('insert into share (id, path, settings) values (?, ?, ?)'),
      put: db.prepare(
        'update share set id = ?, settings = ?, told_settings = ?, said = ?, held = ? where n = ?',
      ),
      figures: db.prepare('update share set files = ?, bytes = ?, told = ?, left_out = ? where n = ?'),
      drop: db.prepare('delete from share where n = ?'),
      meta: db.prepare('select value from meta where name = ?').pluck(),
      setMeta: db.prepare('insert or replace into meta values (?, ?)'),
      ended: db.prepare('select id from ended').pluck(),
      end: db.prepare('insert or ignore into ended values (?)'),
      forget: db.prepare('delete from ended where id = ?'),
    }
    for (const row of this.#sql.all.all() as Record<string, string & number>[]) {
      this.#all.set(row.id!, {
        n: row.n!,
        id: row.id!,
        path: row.path!,
        settings: JSON.parse(row.settings!),
        toldSettings: row.told_settings === null ? undefined : JSON.parse(row.told_settings!),
        said: row.said!,
        held: row.held!,
      })
    }
  }

  all(): ShareRow[] {
    return [...this.#all.values()]
  }

  get(id: string): ShareRow | undefined {
    return this.#all.get(id)
  }

  /** The share that a file's row belongs to. */
  byNumber(n: number): ShareRow | undefined {
    return this.all().find((row) => row.n === n)
  }

  byPath(path: string): ShareRow | undefined {
    return this.all().find((row) => row.path === path)
  }

  add(id: string, path: string, settings: ShareSettings): ShareRow {
    const n = Number(this.#sql.add.run(id, path, JSON.stringify(settings)).lastInsertRowid)
    const row: ShareRow = { n, id, path, settings, toldSettings: undefined, said: 0, held: 0 }
    this.#all.set(id, row)
    return row
  }

  /** Writes a row as it is now. */
  put(row: ShareRow): void {
    const told = row.toldSettings === undefined ? null : JSON.stringify(row.toldSettings)
    this.#sql.put.run(row.id, JSON.stringify(row.settings), told, row.said, row.held, row.n)
  }

  /** Gives it another id; the old one is to be forgotten by the component. */
  rename(row: ShareRow, id: string): void {
    this.#all.delete(row.id)
    this.#sql.end.run(row.id)
    row.id = id
    this.#all.set(id, row)
    this.put(row)
  }

  /** It is no more; the component is to forget it, where it may know of it. */
  end(row: ShareRow): void {
    this.#sql.drop.run(row.n)
    this.#sql.end.run(row.id)
    this.#all.delete(row.id)
  }

  figures(row: ShareRow, files: number, bytes: number, told: number, leftOut: number): void {
    this.#sql.figures.run(files, bytes, told, leftOut, row.n)
  }

  registration(): string | undefined {
    return this.#sql.meta.get('registration') as string | undefined
  }

  setRegistration(id: string): void {
    this.#sql.setMeta.run('registration', id)
  }

  ended(): string[] {
    return this.#sql.ended.all() as string[]
  }

  forgotten(id: string): void {
    this.#sql.forget.run(id)
  }
}
