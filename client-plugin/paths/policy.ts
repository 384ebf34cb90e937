/** Which paths a person allows: for all, for one contact, for one transfer; the nearest to the transfer holds. */

import type { PathPolicy } from '../../link/index.js'
import { bareJid } from '../../schemas/index.js'
import { FileTransferError } from '../errors.js'

const policies: ReadonlySet<unknown> = new Set<PathPolicy>(['any', 'direct', 'relay'])

/** @throws FileTransferError `bad-option` with the option's name */
export function readPolicy(name: string, given: unknown): PathPolicy | undefined {
  if (given === undefined || policies.has(given)) return given as PathPolicy | undefined
  throw new FileTransferError('bad-option', name)
}

/** By bare JID, folded. @throws FileTransferError `bad-option` for what is no JID, or no policy */
export function readPolicies(given: Readonly<Record<string, PathPolicy>> = {}): Map<string, PathPolicy> {
  const all = new Map<string, PathPolicy>()
  for (const [jid, policy] of Object.entries(given)) {
    const peer = bareJid(jid)
    const read = readPolicy('paths', policy)
    if (peer === undefined || read === undefined) throw new FileTransferError('bad-option', 'paths')
    all.set(peer, read)
  }
  return all
}
