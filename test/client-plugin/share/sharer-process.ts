/** A person's device in a process of its own, to be killed: logs in, shares what it is told to, and goes on as it did before. */

import { createClientEntity, fileTransfer } from '../../../client-plugin/index.js'

export interface Order {
  jid: string
  password: string
  service: string
  component: string
  state: string
  folder: string
}

const order = JSON.parse(process.argv[2]!) as Order
const { jid, password, service, component, state, folder } = order
const entity = createClientEntity({ jid, password, service })
entity.on('error', () => undefined)
await entity.start()
const files = fileTransfer(entity, { component, state, allowLoopback: true })
files.shares.on('progress', ({ id, state, files, publishedFiles }) => {
  process.send?.({ id, state, files, publishedFiles })
})
process.on('disconnect', () => process.exit())
await files.ready
const known = files.shares.list().find((share) => share.folder === folder)
const { id } = known ?? (await files.shares.add(folder))
await files.shares.current(id)
process.send?.({ state: 'done', id })
