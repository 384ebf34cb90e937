/** The leg `state`: the folder with the key and the journal, and the disk that it is on. */

import { randomBytes } from 'node:crypto'
import { open, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { spaceBytes } from '../../bytes/index.js'
import type { Ground, Said } from './ground.js'

/** Less is worth a word, bytes. */
const littleBytes = 2 ** 30

/** Whether it can be written, durably, and how much room there is. */
export async function state({ settings }: Ground): Promise<Said> {
  const dir = settings.state
  const probe = join(dir, `probe-${randomBytes(8).toString('hex')}`)
  try {
    const file = await open(probe, 'wx', 0o600)
    try {
      await file.write('jabberfs')
      await file.sync()
    } finally {
      await file.close()
    }
  } catch (error) {
    const { code } = error as { code?: string }
    const says = `The state folder cannot be written (${code ?? 'failed'}).`
    return {
      verdict: 'fails',
      says,
      todo: 'Free some space, or see to its permissions and the disk.',
      facts: { dir },
    }
  } finally {
    await rm(probe, { force: true }).catch(() => undefined)
  }
  // A device that has just come to be may still be making its key; of one that cannot be read the other legs say so.
  const key = stat(join(dir, 'device.pem')).catch(() => undefined)
  const { mode } = (await key) ?? { mode: 0 }
  const freeBytes = spaceBytes(dir)
  const facts = { dir, ...(freeBytes !== undefined && { freeBytes }) }
  if ((mode & 0o077) !== 0) {
    const todo = 'Type `chmod 600` for `device.pem` in it: whoever reads it can pass for this device.'
    return { verdict: 'weak', says: 'Others can read this device’s key.', todo, facts }
  }
  if (freeBytes === undefined) return { verdict: 'works', says: 'The state folder can be written.', facts }
  const free = `${(freeBytes / 1e9).toFixed(freeBytes < 1e10 ? 1 : 0)} GB`
  if (freeBytes < littleBytes) {
    return {
      verdict: 'weak',
      says: `The state folder’s disk has ${free} left.`,
      todo: 'Free some space.',
      facts,
    }
  }
  return { verdict: 'works', says: `The state folder can be written; its disk has ${free} left.`, facts }
}
