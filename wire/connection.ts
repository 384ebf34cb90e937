/**
 * Ending connections. Stock code ends "the" socket of an entity after a wait, and may meet the next one there; everything here holds on to the socket
 * that was meant.
 */
import type { EntityParts, EntitySocket } from './entity.js'

/** How long a server may take to close its side. */
const graceMs = 2_000

/** Ends the connection now, in whatever state it is. `disconnect` follows. */
export function cut(entity: EntityParts): void {
  const { socket } = entity
  if (socket === null) {
    gone(entity)
    return
  }
  destroy(socket)
  whenClosed(entity, socket, 1_000)
}

/** Closes the stream, then the connection (RFC 6120 §4.4). `farewell` goes out before the end. Resolves when the connection is gone. */
export async function hangUp(entity: EntityParts, farewell = ''): Promise<void> {
  const { socket } = entity
  if (socket === null) {
    gone(entity)
    return
  }
  if (entity.status === 'connecting') {
    // Nobody is there yet to say goodbye to.
    destroy(socket)
    await whenClosed(entity, socket, graceMs)
    return
  }
  const closed = whenClosed(entity, socket, graceMs)
  try {
    if (entity.status !== 'closing') {
      entity.write(`${farewell}${footer(entity)}`).catch(() => {})
      // The text is written at the end of this turn; the end must come behind it.
      await new Promise((resolve) => setImmediate(resolve))
      if (entity.socket === socket) entity._status('closing')
    }
    socket.end()
  } catch {
    destroy(socket)
  }
  await closed
}

function footer(entity: EntityParts): string {
  const parts = entity as unknown as { footer(element: unknown): string; footerElement(): unknown }
  return parts.footer(parts.footerElement())
}

function whenClosed(entity: EntityParts, socket: EntitySocket, waitMs: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      destroy(socket)
      // A socket that does not even close is forgotten.
      setTimeout(finish, 500)
    }, waitMs)
    const finish = () => {
      clearTimeout(timer)
      if (entity.socket === socket) gone(entity)
      resolve()
    }
    // Behind the entity's own listener.
    socket.once('close', () => setImmediate(finish))
  })
}

function destroy(socket: EntitySocket): void {
  if (socket.destroy) socket.destroy()
  else socket.socket?.destroy?.()
}

function gone(entity: EntityParts): void {
  if (entity.parser) entity._detachParser()
  if (entity.socket) entity._detachSocket()
  if (entity.status !== 'offline' && entity.status !== 'disconnect') entity._status('disconnect')
}
