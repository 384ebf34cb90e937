/**
 * A device's identity: a key and a self-signed certificate, made once and kept by the caller.
 *
 * Nothing in the certificate means anything but its bytes: the other side compares their SHA-256 with the device id
 * from the stanza, and looks at no name, no date and no chain. So it says nothing about its owner, and does not expire.
 */

import { createHash, randomBytes, webcrypto, X509Certificate } from 'node:crypto'

/** 64 lower hex digits: the SHA-256 of a device's certificate in DER. */
export type DeviceId = string

/** What a device proves itself with. The private key stays with the device. */
export interface DeviceIdentity {
  certificatePem: string
  privateKeyPem: string
  id: DeviceId
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }

/**
 * Makes a new key (EC P-256) and its certificate: once in the life of a device. So only here is loaded what it takes, 18 MiB
 * and a tenth of a second.
 */
export async function createDeviceIdentity(): Promise<DeviceIdentity> {
  // @peculiar/x509 keeps its registry by means of it, so it comes first.
  await import('reflect-metadata')
  const { X509CertificateGenerator } = await import('@peculiar/x509')
  const keys = (await webcrypto.subtle.generateKey(algorithm, true, [
    'sign',
    'verify',
  ])) as webcrypto.CryptoKeyPair
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name: 'CN=jabberFS device',
    // The widest range that any reader of certificates takes (RFC 5280, 4.1.2.5): clocks play no part.
    notBefore: new Date('2000-01-01T00:00:00Z'),
    notAfter: new Date('2049-12-31T23:59:59Z'),
    signingAlgorithm: algorithm,
    keys,
  })
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey))
  const lines = pkcs8.toString('base64').replace(/.{64}(?=.)/g, '$&\n')
  const certificatePem = `${certificate.toString('pem')}\n`
  return {
    certificatePem,
    privateKeyPem: `-----BEGIN PRIVATE KEY-----\n${lines}\n-----END PRIVATE KEY-----\n`,
    id: deviceIdOf(certificatePem),
  }
}

/** Sixteen random bytes as a positive number that does not begin with a zero (RFC 5280, 4.1.2.2). */
function serialNumber(): string {
  const bytes = randomBytes(16)
  bytes[0] = (bytes[0]! & 0x7f) | 0x40
  return bytes.toString('hex')
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
