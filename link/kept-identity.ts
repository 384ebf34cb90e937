/**
 * A device's identity in a file: made once and kept, readable by its owner alone (0600). Losing the file makes it another
 * device.
 */

import { randomBytes } from 'node:crypto'
import { closeSync, fsyncSync, linkSync, openSync, readFileSync, unlinkSync, writeSync } from 'node:fs'
import { createDeviceIdentity, type DeviceIdentity, deviceIdOf } from './identity.js'

/** Loads the identity, or makes it. Rejects with the system's error, or when the file holds something else. */
export async function keptIdentity(path: string): Promise<DeviceIdentity> {
  return load(path) ?? (await make(path))
}

const block = (name: string) =>
  new RegExp(`-----BEGIN ${name}-----[\\s\\S]{1,8192}?-----END ${name}-----\\n?`)

function load(path: string): DeviceIdentity | undefined {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as { code?: string }).code === 'ENOENT') return undefined
    throw error
  }
  const certificatePem = block('CERTIFICATE').exec(text)?.[0]
  const privateKeyPem = block('PRIVATE KEY').exec(text)?.[0]
  if (certificatePem === undefined || privateKeyPem === undefined) throw new Error('not a device file')
  return { certificatePem, privateKeyPem, id: deviceIdOf(certificatePem) }
}

/** Whole or not at all: written under another name, then linked into place. */
async function make(path: string): Promise<DeviceIdentity> {
  const identity = await createDeviceIdentity()
  const draft = `${path}.${randomBytes(8).toString('hex')}`
  const fd = openSync(draft, 'wx', 0o600)
  try {
    writeSync(fd, identity.privateKeyPem + identity.certificatePem)
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
  try {
    linkSync(draft, path)
  } finally {
    unlinkSync(draft)
  }
  return identity
}
