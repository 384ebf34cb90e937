/** Brings the schema up to date: whole or not at all. What holds: a file that has taken more steps than we know is refused. */

import { StoreFailed } from '../store/store-failed.js'
import type { Db } from './open-catalogue.js'
import { applicationId } from './schema.js'

const stepsTaken = (db: Db) => db.pragma('user_version', { simple: true }) as number

/** @throws StoreFailed if it is newer than we are */
export function migrate(db: Db, path: string, steps: readonly string[]): void {
  const taken = stepsTaken(db)
  if (taken > steps.length) {
    throw new StoreFailed(
      'state-newer',
      `${path} was written by a newer version of jabberFS (schema ${taken}, this one knows ${steps.length})`,
    )
  }
  if (taken === steps.length) return
  db.transaction(() => {
    for (const step of steps.slice(taken)) db.exec(step)
    db.pragma(`application_id = ${applicationId}`)
    db.pragma(`user_version = ${steps.length}`)
  }).immediate()
}
