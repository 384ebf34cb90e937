/**
 * A device's identity in a file: made once and kept, readable by its owner alone (0600). Losing the file makes it another
 * device.
 */

import { randomBytes } from 'node:crypto'
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'
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

/** Whole or not at all: written under another name, then linked into place, or where the file system has no links, renamed. */
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
  } catch (error) {
    // FAT, some network file systems, all of Android. Whoever asks holds the folder, so nobody else makes one meanwhile.
    if ((error as { code?: string }).code === 'EEXIST' || existsSync(path)) throw error
    renameSync(draft, path)
  } finally {
    rmSync(draft, { force: true })
  }
  syncFolder(dirname(path))
  return identity
}

/** The name is on the disk before anybody is told of the device: without power in between it would be another one. */
function syncFolder(folder: string): void {
  try {
    const fd = openSync(folder, 'r')
    try {
      fsyncSync(fd)
    } finally {
      closeSync(fd)
    }
  } catch {
    // Not every file system can.
  }
}
