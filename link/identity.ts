/**
 * A device's identity: a key and a self-signed certificate, made once and kept by the caller.
 *
 * Nothing in the certificate means anything but its bytes: the other side compares their SHA-256 with the device id
 * from the stanza, and looks at no name, no date and no chain. So it says nothing about its owner, and does not expire.
 */

import { createHash, generateKeyPair, X509Certificate } from 'node:crypto'
import { promisify } from 'node:util'
import { selfSigned } from './certificate.js'

/** 64 lower hex digits: the SHA-256 of a device's certificate in DER. */
export type DeviceId = string

/** What a device proves itself with. The private key stays with the device. */
export interface DeviceIdentity {
  certificatePem: string
  privateKeyPem: string
  id: DeviceId
}

const generate = promisify(generateKeyPair)

/** Makes a new key (EC P-256) and its certificate: once in the life of a device. */
export async function createDeviceIdentity(): Promise<DeviceIdentity> {
  const keys = await generate('ec', { namedCurve: 'P-256' })
  const certificate = new X509Certificate(selfSigned(keys, 'jabberFS device'))
  return {
    certificatePem: certificate.toString(),
    privateKeyPem: keys.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    id: fingerprint(certificate.raw),
  }
}

/**
 * The id of the device whose certificate this is.
 * @throws Error if the text is no certificate.
 */
export function deviceIdOf(certificatePem: string): DeviceId {
  return fingerprint(new X509Certificate(certificatePem).raw)
}

/** The device id of a certificate in DER. */
export function fingerprint(der: Uint8Array): DeviceId {
  return createHash('sha256').update(der).digest('hex')
}
