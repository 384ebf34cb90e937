/** Whether the bed can be built here: it wants to be root, and some programs of Debian's. */
import { findProgram } from '../../scripts/tied-process.js'

const programs = ['ip', 'nft', 'nsenter', 'unshare', 'sysctl', 'cc', 'prosody', 'turnserver', 'miniupnpd']

/** @returns what is missing, as a sentence's end; undefined when all is there */
export function missing(): string | undefined {
  if (process.platform !== 'linux') return 'the bed is made of namespaces of Linux'
  if (process.getuid?.() !== 0) return 'only root may make networks'
  const absent = programs.filter((program) => findProgram(program) === undefined)
  return absent.length === 0 ? undefined : `not installed: ${absent.join(', ')}`
}

/** Whether tests on the bed are left out here, which is said loudly. */
export function leftOut(what: string): boolean {
  const why = missing()
  if (why !== undefined) console.error(`\n!!! LEFT OUT: ${what}: ${why}\n`)
  return why !== undefined
}
