/** A thread that makes one device's key and certificate, says them, and ends: see {@link createDeviceIdentity}. */

// @peculiar/x509 keeps its registry by means of it, so it comes first.
import 'reflect-metadata'
import { randomBytes, webcrypto } from 'node:crypto'
import { parentPort } from 'node:worker_threads'
import { X509CertificateGenerator } from '@peculiar/x509'

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }

/** Sixteen random bytes as a positive number that does not begin with a zero (RFC 5280, 4.1.2.2). */
function serialNumber(): string {
  const bytes = randomBytes(16)
  bytes[0] = (bytes[0]! & 0x7f) | 0x40
  return bytes.toString('hex')
}

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
parentPort!.postMessage({
  certificatePem: `${certificate.toString('pem')}\n`,
  privateKeyPem: `-----BEGIN PRIVATE KEY-----\n${lines}\n-----END PRIVATE KEY-----\n`,
})
