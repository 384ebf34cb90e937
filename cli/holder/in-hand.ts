/**
 * Several `receive` commands of one account go through one process. An offer that several would take by rule goes to the one that was begun
 * last, into its folder; who asks about one that another has taken hears so. What one has taken is not the transfer that another waits for.
 */
import type { FileTransfer, Offer, Transfer } from '../../client-plugin/index.js'

/** One `receive` command. */
export interface Receiver {
  onOffer(offer: Offer): void
  /** Another one has taken it. */
  lost(offer: Offer): void
}

const receivers = new WeakMap<FileTransfer, Set<Receiver>>()
const takers = new WeakMap<Offer | Transfer, Receiver>()

/** From now on it hears of offers, before those that were begun earlier. @returns how it ends */
export function begin(files: FileTransfer, receiver: Receiver): () => void {
  const all = receivers.get(files) ?? new Set()
  receivers.set(files, all.add(receiver))
  files.prependListener('offer', receiver.onOffer)
  return () => {
    files.off('offer', receiver.onOffer)
    all.delete(receiver)
  }
}

/** @returns whether it is in this one's hands alone, and no other is to take it */
export function take(files: FileTransfer, offer: Offer, receiver: Receiver): boolean {
  if (takers.has(offer)) return false
  takers.set(offer, receiver)
  for (const other of receivers.get(files) ?? []) if (other !== receiver) other.lost(offer)
  return true
}

export const isTaken = (offer: Offer): boolean => takers.has(offer)

/** It could not be taken after all. */
export function letGo(offer: Offer): void {
  takers.delete(offer)
}

/** What became of it. */
export function becomes(offer: Offer, transfer: Transfer): void {
  const taker = takers.get(offer)
  if (taker !== undefined) takers.set(transfer, taker)
}

/** Whether another `receive` has taken it. */
export function isOfAnother(transfer: Transfer, receiver: Receiver): boolean {
  return (takers.get(transfer) ?? receiver) !== receiver
}
