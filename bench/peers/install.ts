/**
 * Which of the peers can run here. What is missing is installed from Debian's packages when we are root;
 * a peer that stays absent is named with its reason, never skipped silently.
 */

import { stat } from 'node:fs/promises'
import { runMeasured } from '../measured-process.js'
import { isInstalled, type Peer } from './peer.js'

/** Sorts the peers into those that can run and those that cannot (name → reason). */
export async function findPeers(
  peers: Peer[],
  say: (line: string) => void,
): Promise<{ present: Peer[]; absent: Record<string, string> }> {
  const present: Peer[] = []
  const absent: Record<string, string> = {}
  for (const peer of peers) {
    if (!(await isComplete(peer))) await install(peer, say)
    if (await isComplete(peer)) present.push(peer)
    else absent[peer.name] = `install it by: apt-get install ${peer.packages.join(' ')}`
  }
  return { present, absent }
}

async function isComplete({ programs, files = [] }: Peer): Promise<boolean> {
  const found = await Promise.all([...programs.map(isInstalled), ...files.map(isThere)])
  return found.every(Boolean)
}

async function install({ name, packages }: Peer, say: (line: string) => void): Promise<void> {
  if (process.getuid?.() !== 0 || !(await isInstalled('apt-get'))) return
  say(`installing ${name}: ${packages.join(' ')}`)
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const options = ['install', '-y', '-q', '--no-install-recommends', ...packages]
  await runMeasured('apt-get', options, { env }).catch((error: Error) => say(error.message))
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}
