/** Makes durable what was made in a folder: a file that is durable in a folder that is not is lost with it when the power is cut. */

import { accessSync, constants } from 'node:fs'
import { Directory } from './directory.js'
import { systemCode } from './failure.js'

/** Does nothing where the folder may be written to and not be read, since only what is open can be synced. @throws ReceiveFailed */
export async function syncFolder(path: string): Promise<void> {
  if (!isReadable(path)) return
  const directory = new Directory(path)
  try {
    await directory.sync()
  } finally {
    directory.close()
  }
}

function isReadable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK)
    return true
  } catch (error) {
    return systemCode(error) !== 'EACCES'
  }
}
