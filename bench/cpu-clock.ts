/** How much CPU a running process has used so far, read from the kernel (Linux). */

import { readFile } from 'node:fs/promises'

/** Ticks of `/proc/PID/stat`: 100 a second on every Linux that Node runs on. */
const ticksPerSecond = 100

/** CPU seconds, user and system, of a process and all its threads since its start. */
export async function cpuSecondsOf(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
  // The name in parentheses may hold spaces; what follows it does not.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond
}
