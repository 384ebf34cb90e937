/** `path`: which paths are taken to single people, for good. Needs no server. */
import type { FileTransfer } from '../../client-plugin/index.js'
import { exits } from '../exit-codes.js'
import type { PathOrder } from '../path-words.js'
import type { Conversation } from './conversation.js'

/** @returns the exit code. @throws FileTransferError */
export function path({ paths }: FileTransfer, order: PathOrder, { report }: Conversation): number {
  const { peer, policy } = order
  if (peer === undefined) {
    for (const [each, chosen] of paths.all()) report({ report: 'path', peer: each, policy: chosen })
    if (paths.all().size === 0) report({ report: 'no-paths' })
    return exits.done.exit
  }
  if (policy !== undefined) paths.choose(peer, policy === 'usual' ? undefined : policy)
  report({ report: 'path', peer, policy: paths.all().get(peer.toLowerCase()) ?? 'usual' })
  return exits.done.exit
}
