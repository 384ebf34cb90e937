/** A plugin that was never connected: it is as if its server were away. */

import { join } from 'node:path'
import { createClientEntity, type FileTransfer, fileTransfer } from '../../client-plugin/index.js'

/** @param dir its state is a folder in it. The caller stops it. */
export function unconnected(dir: string): FileTransfer {
  const entity = createClientEntity({ jid: 'faust@localhost', password: '', service: 'xmpp://127.0.0.1:9' })
  entity.on('error', () => undefined)
  const files = fileTransfer(entity, { component: 'files.localhost', state: join(dir, 'state') })
  files.ready.catch(() => undefined)
  return files
}
