/** Children that end when we do, however we end: the kernel sees to it (util-linux' setpriv; without it only exit hooks do). */
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/** @returns the command line that runs `program` so that `signal` reaches it when this process is gone. */
export function tiedToUs(
  program: string,
  args: string[],
  signal: 'TERM' | 'KILL' = 'TERM',
): [program: string, args: string[]] {
  const setpriv = process.platform === 'linux' ? findProgram('setpriv') : undefined
  return setpriv ? [setpriv, ['--pdeathsig', signal, program, ...args]] : [program, args]
}

/** @returns the path of an installed program. A plain user's PATH lacks sbin, where some systems keep servers. */
export function findProgram(name: string): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/bin', '/usr/sbin', '/usr/local/bin']
  return folders
    .map((folder) => join(folder, name))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK)
        return true
      } catch {
        return false
      }
    })
}
