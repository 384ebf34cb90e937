/** What commands make of a command line: an order; and what is checked in it the same everywhere, people and local paths. */
import { homedir } from 'node:os'
import { resolve } from 'node:path'
import { CommandFailed } from '../failure.js'
import type { Order } from '../words.js'

/** Resolves when it is carried out; how that ended is in the exit code. */
export type GiveOrder = (order: Order) => Promise<void>

/** Roughly an address: the server judges the rest. */
export const isPeer = (word: string): boolean => /^[^@/\s]+@[^@/\s]+(\/.+)?$/.test(word)

/** @throws CommandFailed `usage` */
export function checkPeer(peer: string, where: string): void {
  if (!isPeer(peer)) {
    throw new CommandFailed('usage', `${where}, and “${peer}” is no address.`, 'Write it as name@server.')
  }
}

/** Absolute, because whoever holds the state folder may run elsewhere. */
export function localPath(path: string): string {
  return resolve(path.replace(/^~(?=\/|$)/, homedir()))
}
