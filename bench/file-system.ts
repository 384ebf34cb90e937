/** Names the file system and the machine, so that figures are not read without them. */

import { readFile, realpath } from 'node:fs/promises'
import { cpus } from 'node:os'

/** The type of the file system that holds `path`, such as `ext4`. */
export async function fileSystemOf(path: string): Promise<string> {
  const real = await realpath(path)
  const mounts = (await readFile('/proc/mounts', 'utf8')).split('\n').map((line) => line.split(' '))
  const holding = mounts
    .filter(([, at]) => at !== undefined && (at === '/' || real === at || real.startsWith(`${at}/`)))
    .sort(([, a], [, b]) => b!.length - a!.length)[0]
  return holding?.[2] ?? 'unknown file system'
}

/** Cores, kernel and Node, without anything that names the machine. */
export function machine(): string {
  return `${cpus().length} cores, Linux, Node ${process.versions.node}`
}
