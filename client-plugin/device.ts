/**
 * This device's key and certificate: made once, kept in the state folder as `device.pem` (0600). Its id is what peers and
 * the component know the device by, so losing the file makes it another device.
 */

import { join } from 'node:path'
import { type DeviceIdentity, keptIdentity } from '../link/index.js'
import { FileTransferError } from './errors.js'

/** Loads the identity, or makes it. @throws FileTransferError `state-unusable` */
export async function deviceIdentity(dir: string): Promise<DeviceIdentity> {
  const path = join(dir, 'device.pem')
  try {
    return await keptIdentity(path)
  } catch (error) {
    throw new FileTransferError('state-unusable', path, { cause: error })
  }
}
