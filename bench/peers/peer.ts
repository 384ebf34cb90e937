/**
 * What the bench asks of another program that moves a file: to be there, to be set up once in a private
 * folder on free ports, to move one file, and to be cleared away. Nothing of the user's own is touched.
 */

import { access, constants } from 'node:fs/promises'
import type { Used } from '../measured-process.js'

export interface Round {
  /** From the start of the command a person would wait for to its exit (or by the peer's own clock, where said). */
  seconds: number
  /** Both ends, whole processes. */
  cpuSeconds: number
  /** The larger end. */
  peakMemoryMiB: number
  /** Its memory is also given above that of an idle Node process. */
  runsOnNode?: boolean
  /** Further figures of this peer alone. */
  more?: Record<string, number>
}

export interface Peer {
  name: string
  /** How it was run, for the notes. */
  how: string
  /** Debian's packages that bring it. */
  packages: string[]
  /** Programs that must be there. */
  programs: string[]
  /** Files that must be there, where a package brings no program of its own. */
  files?: string[]
  /** Makes keys, certificates, configuration in `dir`. `source` is the file that will be moved. */
  prepare(dir: string, source: string): Promise<PreparedPeer>
}

export interface PreparedPeer {
  /**
   * Moves the source to `target`, a path that does not exist yet; calls `rest` right before each clock starts. More than one row is
   * possible: by suffix of the name.
   */
  move(target: string, rest: () => Promise<void>): Promise<Record<string, Round>>
  /** Ends what `prepare` started, if it started something that stays. */
  close?(): Promise<void>
}

/** Whether a program is on the path or in a folder of system programs. */
export async function isInstalled(program: string): Promise<boolean> {
  if (program.startsWith('/')) return isExecutable(program)
  const folders = [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/sbin', '/usr/bin']
  for (const folder of folders) if (await isExecutable(`${folder}/${program}`)) return true
  return false
}

/** Sums two ends: CPU of both, memory of the larger. */
export function bothEnds(seconds: number, ...ends: Used[]): Round {
  return {
    seconds,
    cpuSeconds: ends.reduce((sum, end) => sum + end.cpuSeconds, 0),
    peakMemoryMiB: Math.max(...ends.map((end) => end.peakMemoryMiB)),
  }
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  )
}
