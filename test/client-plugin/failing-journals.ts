/**
 * Journals on a disk that fails, at the border to SQLite: chosen writes of the plugins in this process throw what SQLite
 * throws when the disk is full, and chosen reads what it throws when it cannot be read. Install it before a plugin is made.
 */

import Database from 'better-sqlite3'

interface Plan {
  /** Which of the writes to fail, from 1; counted are those whose parameters have `about` in them. */
  from: number
  times: number
}

export class FailingJournals {
  readonly #prepare = Database.prototype.prepare
  readonly #plans = new Map<string, Plan>()
  readonly #counts = new Map<string, number>()
  /** What is looked for by this cannot be read now. */
  unreadable: string | undefined
  /** Every write that was made to fail, by what it was about. */
  readonly failed: string[] = []

  install(): void {
    const prepare = this.#prepare
    const judge = (name: string, params: unknown[]) => this.#judge(name, params)
    const look = (params: unknown[]) => {
      if (this.unreadable === undefined || !params.includes(this.unreadable)) return
      throw new Database.SqliteError('disk I/O error', 'SQLITE_IOERR_READ')
    }
    Database.prototype.prepare = function (this: Database.Database, source: string) {
      const statement = prepare.call(this, source)
      if (!this.name.endsWith('journal.sqlite')) return statement
      const { name } = this
      const run = statement.run.bind(statement)
      statement.run = (...params: unknown[]) => {
        judge(name, params)
        return (run as (...params: unknown[]) => Database.RunResult)(...params)
      }
      const get = statement.get.bind(statement)
      statement.get = (...params: unknown[]) => {
        look(params)
        return (get as (...params: unknown[]) => unknown)(...params)
      }
      return statement
    } as typeof prepare
  }

  remove(): void {
    Database.prototype.prepare = this.#prepare
  }

  /** Lets some writes fail: of journals in `dir`, about something, such as a file's name. */
  fail(dir: string, about: string, from: number, times: number): void {
    this.#plans.set(`${dir}\n${about}`, { from, times })
  }

  /** No write fails any more. */
  heal(): void {
    this.#plans.clear()
    this.unreadable = undefined
  }

  /** How many writes there were about this. */
  count(dir: string, about: string): number {
    return this.#counts.get(`${dir}\n${about}`) ?? 0
  }

  /** Counts writes about this, also without a plan. */
  watch(dir: string, about: string): void {
    this.#counts.set(`${dir}\n${about}`, 0)
  }

  #judge(name: string, params: unknown[]): void {
    for (const key of new Set([...this.#plans.keys(), ...this.#counts.keys()])) {
      const [dir, about] = key.split('\n') as [string, string]
      if (!name.startsWith(`${dir}/`)) continue
      if (!params.some((param) => typeof param === 'string' && param.includes(about))) continue
      const n = (this.#counts.get(key) ?? 0) + 1
      this.#counts.set(key, n)
      const plan = this.#plans.get(key)
      if (plan === undefined || n < plan.from || n >= plan.from + plan.times) continue
      this.failed.push(about)
      throw new Database.SqliteError('database or disk is full', 'SQLITE_FULL')
    }
  }
}
