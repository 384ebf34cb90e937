/** Whether the bed can be built here: it wants to be root, and some programs of Debian's. */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { findProgram } from '../../scripts/tied-process.js'

const programs = ['ip', 'nft', 'nsenter', 'unshare', 'sysctl', 'cc', 'prosody', 'turnserver', 'miniupnpd']

/** @returns what is missing, as a sentence's end; undefined when all is there */
export function missing(): string | undefined {
  if (process.platform !== 'linux') return 'the bed is made of namespaces of Linux'
  if (process.getuid?.() !== 0) return 'only root may make networks'
  const absent = programs.filter((program) => findProgram(program) === undefined)
  if (absent.length > 0) return `not installed: ${absent.join(', ')}`
  if (!existsSync('/dev/net/tun')) return 'there is no /dev/net/tun'
  // A root of containers may be root of nothing that matters here.
  const made = spawnSync('unshare', ['--net', 'ip', 'link', 'set', 'lo', 'up'], { stdio: 'ignore' })
  return made.status === 0 ? undefined : 'the kernel lets nobody make networks here'
}

/** Whether tests on the bed are left out here, which is said loudly. */
export function leftOut(what: string): boolean {
  const why = missing()
  if (why !== undefined) console.error(`\n!!! LEFT OUT: ${what}: ${why}\n`)
  return why !== undefined
}
