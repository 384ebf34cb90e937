/** What a link and its bundle of sockets know of each other. */

import type { SecureContext, TLSSocket } from 'node:tls'
import type { Side } from '../connection.js'
import type { DeviceId } from '../identity.js'

/** What a link gives. */
export interface BundleHost {
  /** The first socket. */
  readonly socket: TLSSocket
  /** Bytes written to it since the greeting. */
  readonly written: number
  /** Bytes came in over some socket. */
  came(bytes: number): void
  /** Says a frame of the link's own over the first socket; false when it cannot be said now. */
  say(frame: Uint8Array): boolean
  /** There is one socket more. */
  widened(): void
  /** The link is not to be saved. */
  lose(error?: unknown): void
}

/** By what further sockets are got. */
export interface BundleGround {
  side: Side
  context: SecureContext
  peerDevice: DeviceId
  /** Whether this side dialled the first one. */
  dialled: boolean
  /** ms, as the handshake took them. */
  roundTripMs: number | undefined
  /** Whether the path is so long that more sockets may help. */
  isLong: boolean
  /** The most sockets that this side wants to have. */
  most: number
}
