/**
 * Copies of the catalogue while it is written to: a newest one, and one that is older by a day or more.
 *
 * What holds: a copy is of one state of the catalogue; it is made a few pages at a time between other works of the writer, holds
 * nobody up, and takes the place of the one before only after it was looked through and is durable.
 */

import { existsSync, renameSync, rmSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { Worker } from 'node:worker_threads'
import { flushFile } from '../store/flush-file.js'
import { backupsOf } from './damage.js'
import type { Db } from './open-catalogue.js'

/** Pages that are copied in one go. */
const pagesAtOnce = 64
/** Between the newest backup and the one before it, in ms. */
const day = 24 * 3_600_000

/** Makes a backup. @returns where it is; `undefined` if the copy is not sound. @throws what a disk throws */
export async function backUp(db: Db, path: string, now = Date.now()): Promise<string | undefined> {
  const fresh = `${path}.backup-new`
  for (const part of ['', '-wal', '-shm', '-journal']) rmSync(fresh + part, { force: true })
  try {
    await db.backup(fresh, { progress: () => pagesAtOnce })
    if (!(await isSoundElsewhere(fresh))) return undefined
    const [newest, older] = backupsOf(path) as [string, string]
    if (existsSync(newest) && !(existsSync(older) && Math.abs(now - statSync(older).mtimeMs) < day))
      renameSync(newest, older)
    flushFile(fresh)
    renameSync(fresh, newest)
    flushFile(dirname(path))
    return newest
  } finally {
    for (const part of ['', '-wal', '-shm', '-journal']) rmSync(fresh + part, { force: true })
  }
}

/** Looks through a file in a thread of its own: a large one takes seconds. */
function isSoundElsewhere(path: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const thread = new Worker(new URL('./soundness-thread.js', import.meta.url), { workerData: path })
    thread.once('message', resolve)
    thread.once('error', reject)
    thread.once('exit', () => resolve(false))
  })
}
