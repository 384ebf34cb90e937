/**
 * Clears away what stock code leaves behind when a connection ends before it is online: listeners of a half-done login would answer the next
 * login's challenges too, and waits for "the next element" would be met by another connection's.
 */
import type { EntityParts } from './entity.js'

type Listener = (...args: unknown[]) => void
const added = new WeakMap<EntityParts, Set<Listener>>()

/** Notes who begins to listen for the server's words while the stream is being set up. */
export function rememberNegotiation(entity: EntityParts): void {
  const listeners = new Set<Listener>()
  added.set(entity, listeners)
  entity.on('newListener', (event: string, listener: Listener) => {
    const { status } = entity
    if (event === 'nonza' && status !== 'online' && status !== 'offline') listeners.add(listener)
  })
  entity.on('online', () => listeners.clear())
}

/** Takes them away, and tells every wait of the stock code that it has failed. */
export function forgetNegotiation(entity: EntityParts, reason: unknown): void {
  const listeners = added.get(entity)
  for (const listener of listeners ?? []) entity.removeListener('nonza', listener)
  listeners?.clear()
  entity.emit('error', reason)
}
