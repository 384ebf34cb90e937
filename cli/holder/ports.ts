/** Whether one of the ports that were asked for is free: the plugin itself would only dial out, and say nothing. */
import { createServer } from 'node:net'
import type { FileTransferOptions } from '../../client-plugin/index.js'
import { CommandFailed } from '../failure.js'

/** More are not tried: a range this wide has a free one. */
const maxTried = 256

/** @throws CommandFailed `port-in-use` */
export async function checkPorts(listen: FileTransferOptions['listen']): Promise<void> {
  if (listen === undefined || listen === false || listen.ports === undefined) return
  const [first, last] = listen.ports
  let code = 'EADDRINUSE'
  for (let port = first; port <= Math.min(last, first + maxTried); port++) {
    const fault = await tryPort(port)
    if (fault === undefined) return
    code = fault
  }
  const ports = first === last ? `Port ${first}` : `Every port from ${first} to ${last}`
  const why = code === 'EACCES' ? 'may not be used by this user' : 'is in use'
  throw new CommandFailed(
    'port-in-use',
    `${ports} ${why}.`,
    'Set JABBERFS_LISTEN to another one, or unset it.',
  )
}

function tryPort(port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'failed'))
    probe.listen({ port, exclusive: true }, () => probe.close(() => resolve(undefined)))
  })
}
