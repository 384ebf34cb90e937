/**
 * This device's key and certificate: made once, kept in the state folder as `device.pem` (0600). Its id is what peers and
 * the component know the device by, so losing the file makes it another device.
 */

import { randomBytes } from 'node:crypto'
import { closeSync, fsyncSync, linkSync, openSync, readFileSync, unlinkSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { createDeviceIdentity, type DeviceIdentity, deviceIdOf } from '../link/index.js'
import { FileTransferError } from './errors.js'

/** Loads the identity, or makes it. @throws FileTransferError `state-unusable` */
export async function deviceIdentity(dir: string): Promise<DeviceIdentity> {
  const path = join(dir, 'device.pem')
  try {
    return load(path) ?? (await make(path))
  } catch (error) {
    throw new FileTransferError('state-unusable', path, { cause: error })
  }
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
  linkSync(draft, path)
  unlinkSync(draft)
  return identity
}
