/**
 * Loaded into a command before it begins (`node --import`): writes each stanza that goes out or comes in, with its time, behind the
 * file that JABBERFS_STANZAS names. At once, so that a killed one has said what it said last. Only for the loop of the kills.
 */

import { EventEmitter } from 'node:events'
import { appendFileSync } from 'node:fs'

const file = process.env.JABBERFS_STANZAS
const ways: Record<string, string> = { send: '→', stanza: '←', status: '·', online: '· online' }
/** Lists and pages are long, and say nothing here. */
const longest = 700

if (file !== undefined) {
  const { emit } = EventEmitter.prototype
  EventEmitter.prototype.emit = function (this: EventEmitter, name: string | symbol, ...args: unknown[]) {
    const way = typeof name === 'string' && this.constructor.name !== 'Socket' ? ways[name] : undefined
    if (way !== undefined) {
      const said = String(args[0] ?? '').slice(0, longest)
      appendFileSync(file, `${new Date().toISOString()} ${process.pid} ${way} ${said}\n`, { mode: 0o600 })
    }
    return emit.call(this, name, ...args)
  }
}
