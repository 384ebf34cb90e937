/**
 * What a network that changes under a stream means for it. TCP says nothing of it: a stream whose own address has gone, or
 * whose path is cut, is silent for minutes.
 */
import { networkInterfaces } from 'node:os'
import { deskOf } from './desk.js'
import type { EntityParts, XmppEntity } from './entity.js'
import { ConnectionFailed } from './errors.js'

/** How long an answer may take where there is reason to doubt, ms. */
const doubtMs = 5_000

/**
 * This machine's addresses have changed. A stream whose own address is gone is ended at once, one that may stand is asked
 * whether it does, and one that waits for its next attempt makes it now.
 * @returns whether it stands
 */
export async function moved(entity: XmppEntity): Promise<boolean> {
  const { moving } = deskOf(entity)
  if (entity.status !== 'online' || !isAddressGone(entity as EntityParts)) return isStanding(entity, doubtMs)
  whenLost(entity, () => moving?.hurry())
  moving?.fail(new ConnectionFailed('address-gone'))
  return false
}

/**
 * Asks whether the stream stands; one that says nothing for so many milliseconds is ended, and comes back by itself, at once.
 * @returns false also where there is none
 */
export async function isStanding(entity: XmppEntity, withinMs: number): Promise<boolean> {
  const { moving } = deskOf(entity)
  if (moving === undefined) return entity.status === 'online'
  if (entity.status !== 'online') {
    moving.hurry()
    return false
  }
  const stands = await moving.ask(withinMs)
  if (!stands) whenLost(entity, () => moving.hurry())
  return stands
}

/** The stream was ended, or is about to be: what there is to do when it has gone. */
function whenLost(entity: XmppEntity, then: () => void): void {
  if (entity.status === 'offline') return
  if (entity.status === 'disconnect') {
    then()
    return
  }
  const lost = () => {
    entity.off('disconnect', lost)
    // Behind the listener that waits for the next attempt.
    setImmediate(then)
  }
  entity.on('disconnect', lost)
}

function isAddressGone({ socket }: EntityParts): boolean {
  const address = (socket?.socket ?? socket)?.localAddress
  if (address === undefined) return false
  const own = Object.values(networkInterfaces()).flatMap((all) => all ?? [])
  const plain = address.replace(/^::ffff:/, '')
  return !own.some((one) => one.address === plain)
}

/** The address that the stream goes to, an IP literal; undefined where there is no stream, or none is known. */
export function serverAddress(entity: XmppEntity): string | undefined {
  const { socket } = entity as EntityParts
  return (socket?.socket ?? socket)?.remoteAddress
}
