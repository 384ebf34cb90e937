/** Running other programs, and the one way in which setup fails. */
import { spawnSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/** What stops the setup, as one sentence that says what to do. */
export class SetupFailed extends Error {}

/** Says what is being done, since some steps take a minute. */
export function say(text) {
  console.log(`setup: ${text}`)
}

/** Runs a program with its output shown. @returns whether it succeeded. */
export function run(program, args, { env = {}, quiet = false } = {}) {
  const result = spawnSync(program, args, {
    stdio: quiet ? ['ignore', 'ignore', 'ignore'] : ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, ...env },
  })
  return result.status === 0
}

/** Runs a program whose output is of interest only when it fails: its last lines are shown then. */
export function runQuietly(program, args, { env = {}, mute = false } = {}) {
  const result = spawnSync(program, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
    maxBuffer: 256 * 1024 * 1024,
  })
  if (result.status === 0) return true
  if (mute) return false
  console.error(`${result.stdout ?? ''}${result.stderr ?? ''}`.trimEnd().split('\n').slice(-12).join('\n'))
  return false
}

/** Whether a program of this name is there to be run. A plain user's PATH lacks the sbin folders. */
export function hasProgram(name) {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/local/sbin', '/usr/sbin', '/sbin']
  return folders.some((folder) => {
    try {
      accessSync(join(folder, name), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}
