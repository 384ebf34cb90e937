/** Proposals of our own: an offer of a file, a request for one. Journaled before they are said. */

import type { PartFile } from '../../bytes/index.js'
import { parseJid } from '../../schemas/index.js'
import type { PathPolicy, RequestOptions, SendOptions, Transfer } from '../api.js'
import { newOfferId } from '../chance.js'
import { FileTransferError } from '../errors.js'
import type { Journal } from '../journal/journal.js'
import type { TransferRecord } from '../journal/record.js'
import { readPolicy } from '../paths/policy.js'
import type { Register } from '../register.js'
import type { AnyTransfer } from '../transfer/kinds.js'
import { localTrouble } from '../transfer/local-trouble.js'
import { markOf, openPartFor } from '../transfer/part-keeper.js'
import type { ReceivingTransfer } from '../transfer/receiving.js'
import type { SendingTransfer } from '../transfer/sending.js'
import { SpreadTransfer } from '../transfer/spread.js'
import { destinationFor, leftover } from './destination.js'
import { follow } from './follow.js'
import { sourceFile } from './source-file.js'

/** What whoever begins something hears of it, and how he ends it. */
export type Beginning = Pick<SendOptions, 'onBegun' | 'signal'>

type Draft = Omit<TransferRecord, 'n'>

/** Makes an offer of one file; it is still to be said. @throws FileTransferError */
export async function draftOffer(
  register: Register,
  peer: string,
  paths: readonly string[],
  options: SendOptions,
): Promise<SendingTransfer | SpreadTransfer> {
  const draft = ownProposal('sending', peer, options)
  if (paths.length !== 1) throw new FileTransferError('one-file-only')
  const { source, mark, filename, filesize, root } = await sourceFile(paths[0]!, options)
  try {
    options.signal?.throwIfAborted()
    const known = { filename, filesize, source: mark, ...(root && { root }), ...via(options) }
    const offered = { ...draft, ...known, ...wishes(options), saying: { action: 'offer' as const } }
    const transfer = register.add(offered) as SendingTransfer | SpreadTransfer
    if (transfer instanceof SpreadTransfer) source.close()
    else transfer.keep(source)
    return transfer
  } catch (error) {
    source.close()
    throw options.signal?.aborted ? new FileTransferError('cancelled') : error
  }
}

/** For whom it is, and how long. @throws FileTransferError `bad-option` */
function wishes({
  everyDevice,
  expires,
  message,
}: SendOptions): Pick<TransferRecord, 'every' | 'expires' | 'told'> {
  if (expires !== undefined && !(expires instanceof Date && Number.isFinite(expires.getTime()))) {
    throw new FileTransferError('bad-option', 'expires')
  }
  return {
    ...(everyDevice && { every: true }),
    ...(expires && { expires: expires.toISOString() }),
    ...(message === false && { told: true }),
  }
}

/** Makes a request; it is still to be said. What is held of the file from before is taken up. @throws FileTransferError */
export async function draftRequest(
  register: Register,
  peer: string,
  filename: string,
  options: RequestOptions,
): Promise<ReceivingTransfer> {
  const draft = { ...ownProposal('receiving', peer, options), filename }
  const destination = await destinationFor(filename, options).catch((error: unknown) => {
    throw localTrouble(error)
  })
  const { signal } = options
  const held = await takeUp(register.around.journal, { ...draft, destination }, signal)
  if (signal?.aborted) {
    await held?.part.close()
    throw new FileTransferError('cancelled')
  }
  const known = { destination, ...held?.known, ...via(options) }
  try {
    const wanted = { ...draft, ...known, saying: { action: 'request' as const } }
    const transfer = register.add(wanted, ...(held?.others ?? [])) as ReceivingTransfer
    if (held !== undefined) transfer.part.hold(held.part)
    return transfer
  } catch (error) {
    await held?.part.close()
    throw error
  }
}

/** Says a proposal. Resolves when it is recorded, rejects with why it is not; the signal ends it at any time. */
export async function propose<T extends AnyTransfer>(transfer: T, options: Beginning): Promise<T> {
  const { signal } = options
  tellBegun(transfer, options, transfer.around.report)
  follow(transfer, signal)
  let cancel = () => {}
  const cancelled = new Promise<never>((_, reject) => {
    cancel = () => reject(new FileTransferError('cancelled'))
  })
  if (signal?.aborted) cancel()
  signal?.addEventListener('abort', cancel)
  try {
    await Promise.race([transfer.propose(), cancelled])
    return transfer
  } finally {
    signal?.removeEventListener('abort', cancel)
  }
}

/** Whoever began it hears that it is journaled. @param report what is done where he throws */
export function tellBegun(
  transfer: Transfer,
  { onBegun }: Beginning,
  report: (fault: FileTransferError) => void,
): void {
  try {
    onBegun?.(transfer)
  } catch (error) {
    report(new FileTransferError('internal', 'a listener threw', { cause: error }))
  }
}

/** What an ended transfer left of that content, or of a file of that name: opened, which hashes it again. */
export async function takeUp(journal: Journal, draft: Draft, signal: AbortSignal | undefined) {
  const { peer, filename, destination, root: known } = draft
  const left = leftover(journal, { peer, filename, root: known }, destination!.dir)
  if (left === undefined) return undefined
  const { filesize, root } = left.record
  const facts = { filesize: filesize!, ...(root && { root }) }
  let part: PartFile
  try {
    part = await openPartFor({ ...draft, ...facts, n: 0 }, { existing: left.part, signal })
  } catch {
    // What cannot be used is as good as absent.
    return undefined
  }
  return {
    part,
    known: { ...facts, asked: { ...facts, filebytesdone: part.heldBytes }, part: markOf(part) },
    /** Journaled with it, since the part belongs to the new transfer alone then. */
    others: [{ ...left.record, part: undefined }],
  }
}

/** What was said of the paths of one transfer. @throws FileTransferError `bad-option` */
export function via({ path }: { path?: PathPolicy }): Pick<TransferRecord, 'via'> {
  const policy = readPolicy('path', path)
  return policy === undefined ? {} : { via: policy }
}

/** What all proposals of our own begin as. @throws FileTransferError `bad-peer` */
export function ownProposal(
  direction: 'sending' | 'receiving',
  peer: string,
  { description, device }: { description?: string; device?: string },
): Omit<Draft, 'filename'> {
  const jid = parseJid(peer)
  if (jid?.local === undefined) throw new FileTransferError('bad-peer')
  return {
    id: newOfferId(),
    authored: true,
    direction,
    peer: jid.bare,
    to: jid.full,
    ...(description !== undefined && { description }),
    ...(device !== undefined && { onlyDevice: device }),
    phase: 'proposed',
    attempt: 0,
    created: Date.now(),
  }
}
