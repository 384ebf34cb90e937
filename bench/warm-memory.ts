/**
 * In a virtual machine the first touch of a page of memory costs the host's time: writing a file into the page cache is ten times slower
 * then, for whoever happens to get such pages. So before anybody is timed a process touches most of what is free and
 * goes. On a machine of its own it is done in a few seconds and changes nothing.
 */

import { readFile } from 'node:fs/promises'
import { runMeasured } from './measured-process.js'

const pieceMiB = 256
const mostMiB = 16 * 1024

/** Touches three quarters of the free memory, at most 16 GiB. */
export async function warmMemory(): Promise<void> {
  const info = await readFile('/proc/meminfo', 'utf8')
  const freeMiB = Number(/MemFree:\s+(\d+) kB/.exec(info)?.[1] ?? 0) / 1024
  const pieces = Math.floor(Math.min(freeMiB * 0.75, mostMiB) / pieceMiB)
  const touch = `const held = []; for (let n = 0; n < ${pieces}; n++) held.push(Buffer.alloc(${pieceMiB} * 2 ** 20, 1))`
  await runMeasured(process.execPath, ['-e', touch])
}
