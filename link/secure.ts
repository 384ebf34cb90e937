/**
 * TLS as a link uses it, in both roles: 1.3 only, certificates on both sides, nothing resumed.
 *
 * The sending side is the TLS server, whoever dialled. Names, dates and chains are not looked at (`authorized` is never
 * read): what counts is the fingerprint of the certificate whose key the other side has just proved to hold.
 */

import { constants } from 'node:crypto'
import { createSecureContext, type SecureContext, type TLSSocket } from 'node:tls'
import { type DeviceId, type DeviceIdentity, fingerprint } from './identity.js'

/** AES-128-GCM first: it is the fastest where the processor has AES, and every peer of ours has it. */
const ciphers = 'TLS_AES_128_GCM_SHA256:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_256_GCM_SHA384'

/** Reading key and certificate takes a millisecond, so it is done once for a device. */
const contexts = new WeakMap<DeviceIdentity, SecureContext>()

/** Keys and settings for attempts. It remembers no session, and whoever would resume one is refused, so attempts may share it. */
export function secureContextOf(identity: DeviceIdentity): SecureContext {
  const known = contexts.get(identity)
  if (known !== undefined) return known
  const context = newContextOf(identity)
  contexts.set(identity, context)
  return context
}

function newContextOf(identity: DeviceIdentity): SecureContext {
  return createSecureContext({
    key: identity.privateKeyPem,
    cert: identity.certificatePem,
    // Without it the system's certificate authorities would be loaded, for nothing.
    ca: [],
    minVersion: 'TLSv1.3',
    maxVersion: 'TLSv1.3',
    ciphers,
    secureOptions: constants.SSL_OP_NO_TICKET | constants.SSL_OP_CIPHER_SERVER_PREFERENCE,
  })
}

/** What both roles ask of `node:tls`. */
export const tlsRules = {
  requestCert: true,
  // The chain of a self-signed certificate proves nothing; peerFault() is what decides.
  rejectUnauthorized: false,
} as const

/** What is wrong with the other side of a finished handshake; undefined if it is a device we want. */
export function peerFault(socket: TLSSocket, isWanted: (device: DeviceId) => boolean): string | undefined {
  if (socket.getProtocol() !== 'TLSv1.3') return 'tls version'
  // A resumed session can come without a certificate, so whatever it says about the peer is old.
  if (socket.isSessionReused()) return 'resumed session'
  const der: Uint8Array | undefined = socket.getPeerX509Certificate()?.raw
  if (der === undefined || der.length === 0) return 'no certificate'
  return isWanted(fingerprint(der)) ? undefined : 'wrong device'
}
