/**
 * The one kind of certificate that a device makes: self-signed, X.509 version 3 without extensions, ECDSA on P-256 with
 * SHA-256 (RFC 5280, 4.1; RFC 5758, 3.2), written in DER (X.690).
 *
 * It is written here since nothing in it but the key, the number and the signature ever differs: a library for
 * certificates of all kinds takes 18 MiB and a tenth of a second for it (docs/decisions/0037).
 */

import { type KeyObject, randomBytes, sign } from 'node:crypto'

const tags = {
  integer: 0x02,
  bits: 0x03,
  oid: 0x06,
  utf8: 0x0c,
  time: 0x17,
  sequence: 0x30,
  set: 0x31,
  version: 0xa0,
}

/** One element: its tag, the length of what is in it, and that. */
function der(tag: number, ...parts: Uint8Array[]): Buffer {
  const content = Buffer.concat(parts)
  const { length } = content
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.of(tag, ...size), content])
}

/** ecdsa-with-SHA256, 1.2.840.10045.4.3.2. */
const algorithm = der(tags.sequence, der(tags.oid, Buffer.from('2a8648ce3d040302', 'hex')))

/** commonName, 2.5.4.3. */
const name = (common: string): Buffer =>
  der(
    tags.sequence,
    der(
      tags.set,
      der(tags.sequence, der(tags.oid, Buffer.of(0x55, 0x04, 0x03)), der(tags.utf8, Buffer.from(common))),
    ),
  )

/** The widest range that any reader of certificates takes (RFC 5280, 4.1.2.5): clocks play no part. */
const validity = der(
  tags.sequence,
  der(tags.time, Buffer.from('000101000000Z')),
  der(tags.time, Buffer.from('491231235959Z')),
)

/** Sixteen random bytes as a positive number that does not begin with a zero (RFC 5280, 4.1.2.2). */
function serialNumber(): Buffer {
  const bytes = randomBytes(16)
  bytes[0] = (bytes[0]! & 0x7f) | 0x40
  return bytes
}

/** A certificate of these keys, in DER; `common` is its common name, of few characters. */
export function selfSigned(keys: { publicKey: KeyObject; privateKey: KeyObject }, common: string): Buffer {
  const own = name(common)
  const toSign = der(
    tags.sequence,
    der(tags.version, der(tags.integer, Buffer.of(2))),
    der(tags.integer, serialNumber()),
    algorithm,
    own,
    validity,
    own,
    keys.publicKey.export({ type: 'spki', format: 'der' }),
  )
  const signature = sign('sha256', toSign, keys.privateKey)
  return der(tags.sequence, toSign, algorithm, der(tags.bits, Buffer.of(0), signature))
}
