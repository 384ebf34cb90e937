/**
 * How much may wait for one person, and of whom: those with whom he has had to do and strangers have an allowance each, so
 * that no number of strangers keeps his acquaintances out; of the strangers’ one, a foreign domain has no more than it leaves
 * free. One alone comes to half, the next to half of the rest: so no server keeps out the others by the number of its people, nor
 * by that of its subdomains. It is the same for somebody who does not exist (P23).
 */

import { type Element, parseJid, quota } from '../../schemas/index.js'
import type { Waiting } from '../store/offers.js'
import type { MediationLimits } from './mediation.js'

/** @returns the quota that is used up, if one is */
export function usedUp(
  waiting: readonly Waiting[],
  author: string,
  recipient: string,
  isKnown: boolean,
  limits: Pick<MediationLimits, 'pendingPerPair' | 'pendingPerRecipient'>,
): Element | undefined {
  const { pendingPerPair, pendingPerRecipient } = limits
  const domain = domainOf(author)
  const isForeign = !isKnown && domain !== domainOf(recipient)
  const sum = (which: (one: Waiting) => boolean) =>
    waiting.filter(which).reduce((all, { count }) => all + count, 0)
  const counts: [used: number, max: number][] = [
    [sum((one) => one.author === author), pendingPerPair],
    [sum((one) => one.isKnown === isKnown), pendingPerRecipient],
  ]
  if (isForeign) {
    const free = pendingPerRecipient - sum((one) => !one.isKnown)
    counts.push([sum((one) => !one.isKnown && domainOf(one.author) === domain), Math.max(1, free)])
  }
  const over = counts.find(([used, max]) => used >= max)
  return over && quota(...over)
}

const domainOf = (jid: string): string => parseJid(jid)?.domain ?? jid
