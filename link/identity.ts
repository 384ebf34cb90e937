/**
 * A device's identity: a key and a self-signed certificate, made once and kept by the caller.
 *
 * Nothing in the certificate means anything but its bytes: the other side compares their SHA-256 with the device id
 * from the stanza, and looks at no name, no date and no chain. So it says nothing about its owner, and does not expire.
 */

import { createHash, X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'

/** 64 lower hex digits: the SHA-256 of a device's certificate in DER. */
export type DeviceId = string

/** What a device proves itself with. The private key stays with the device. */
export interface DeviceIdentity {
  certificatePem: string
  privateKeyPem: string
  id: DeviceId
}

/**
 * Makes a new key (EC P-256) and its certificate: once in the life of a device. What it takes is loaded in a thread of its own, which ends
 * with it: else 18 MiB would stay taken while the program runs.
 * @throws Error if no thread can be started
 */
export async function createDeviceIdentity(): Promise<DeviceIdentity> {
  const thread = new Worker(new URL('./identity-thread.js', import.meta.url))
  try {
    const [made] = (await once(thread, 'message')) as [Omit<DeviceIdentity, 'id'>]
    return { ...made, id: deviceIdOf(made.certificatePem) }
  } finally {
    await thread.terminate()
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
