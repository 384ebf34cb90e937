/**
 * What shows that a further socket belongs to a link: a secret that only the two ends of the link's TLS can derive (RFC 5705;
 * in TLS 1.3 RFC 8446, section 7.5). It is another one for each number of a socket and for each side that says it, so what one
 * side has said can be said back by nobody, and what was good for one socket is good for no other.
 */

import { timingSafeEqual } from 'node:crypto'
import type { TLSSocket } from 'node:tls'
import type { Side } from '../connection.js'

/** Bytes of a proof. */
export const proofBytes = 32

/** Labels that begin so need not be registered (RFC 5705, section 4). */
const label = 'EXPERIMENTAL jabberfs socket'

/**
 * The proof by which a side shows that socket `number` is of the link over this first socket.
 * @throws Error when the link is gone
 */
export function proofOf(link: TLSSocket, number: number, by: Side): Buffer {
  return link.exportKeyingMaterial(proofBytes, label, Buffer.of(number, by === 'receiving' ? 0 : 1))
}

/** Whether these are the bytes of that proof; takes as long for any others. False when the link is gone. */
export function isProof(said: Uint8Array, link: TLSSocket, number: number, by: Side): boolean {
  if (link.destroyed || said.length !== proofBytes) return false
  return timingSafeEqual(said, proofOf(link, number, by))
}
