/**
 * A request for something shared, as it was published. What is there already is not asked for; what is held of the
 * content, from whomever, is taken up.
 */

import { request } from '../../schemas/index.js'
import type { AcceptOptions } from '../api.js'
import { FileTransferError } from '../errors.js'
import { destinationFor } from '../proposal/destination.js'
import { ownProposal, takeUp, via } from '../proposal/own.js'
import type { Register } from '../register.js'
import { localTrouble } from '../transfer/local-trouble.js'
import type { ReceivingTransfer } from '../transfer/receiving.js'
import { contentThere } from './there.js'

/** Where something is published; without a share, whoever had it once and under which name. */
export interface Published {
  peer: string
  share?: string | undefined
  path?: string | undefined
  filename?: string | undefined
  root?: string | undefined
  filesize?: number | undefined
}

export function lastName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

/**
 * Makes the request; it is still to be said. Complete already where the content is there.
 * @throws FileTransferError as `request`, and `already-there`
 */
export async function draftGet(
  register: Register,
  { peer, share, path, filename: name, root, filesize }: Published,
  options: AcceptOptions,
  partOf?: number,
): Promise<ReceivingTransfer> {
  const filename = path === undefined ? (name ?? '') : lastName(path)
  demandSayable({ share, path, filename, root })
  const { signal, onConflict = 'rename' } = options
  const draft = {
    ...ownProposal('receiving', peer, {}),
    ...via(options),
    filename,
    ...(share !== undefined && { share }),
    ...(path !== undefined && { path }),
    ...(root !== undefined && { root }),
    ...(partOf !== undefined && { partOf }),
  }
  try {
    // Whether what is there is in the way is not to be said before it was looked at.
    const place = await destinationFor(filename, { ...options, onConflict: 'rename' })
    const destination = { ...place, onConflict }
    if (root === undefined) return added(register, { ...draft, destination })
    const there = await contentThere(destination, root, filesize, signal)
    if (there !== undefined) {
      const { path: placed, filesize } = there
      const record = { ...draft, destination, placed, filesize, wasThere: true as const }
      return register.add({ ...record, phase: 'complete' }) as ReceivingTransfer
    }
    const held = await takeUp(register.around.journal, { ...draft, destination, filesize }, signal)
    try {
      signal?.throwIfAborted()
      const asked = { root, filebytesdone: 0, ...(filesize !== undefined && { filesize }) }
      const transfer = added(register, { ...draft, destination, asked, ...held?.known }, held?.others)
      if (held !== undefined) transfer.part.hold(held.part)
      return transfer
    } catch (error) {
      await held?.part.close()
      throw error
    }
  } catch (error) {
    throw signal?.aborted ? new FileTransferError('cancelled') : localTrouble(error)
  }
}

/** What cannot be said was never published. */
function demandSayable({
  root,
  ...named
}: Pick<Published, 'share' | 'path' | 'root'> & { filename: string }) {
  if (root !== undefined && !/^[0-9a-f]{64}$/.test(root)) throw new FileTransferError('bad-option', 'root')
  try {
    request.write({ ...named, append: false })
  } catch (error) {
    throw new FileTransferError('not-found', undefined, { cause: error })
  }
}

type Draft = Parameters<Register['add']>[0]

function added(register: Register, draft: Draft, others: Parameters<Register['add']>[1][] = []) {
  return register.add({ ...draft, saying: { action: 'request' } }, ...others) as ReceivingTransfer
}
