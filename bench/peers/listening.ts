/**
 * Waiting until a peer's server listens, without a fixed sleep. It reads the kernel's table and does not
 * connect, since some of these servers take exactly one connection.
 */

import { readFile } from 'node:fs/promises'
import { setTimeout as wait } from 'node:timers/promises'

/** Resolves once something listens on `port`. @throws Error after ten seconds. */
export async function untilListening(port: number): Promise<void> {
  const listening = new RegExp(`:${port.toString(16).toUpperCase().padStart(4, '0')} 0+:0000 0A`)
  const deadline = Date.now() + 10_000
  for (;;) {
    const tables = await Promise.all(
      ['/proc/net/tcp', '/proc/net/tcp6'].map((table) => readFile(table, 'utf8').catch(() => '')),
    )
    if (tables.some((table) => listening.test(table))) return
    if (Date.now() > deadline) throw new Error(`nothing listens on port ${port}`)
    await wait(10)
  }
}
