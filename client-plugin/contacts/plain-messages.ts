/**
 * One plain message to a contact who was offered a file and has not answered: whoever has only a stock client would not hear of it
 * otherwise (docs/decisions, "A plain message").
 *
 * Rules: from our own account, so that the contact's server treats it as any message of ours, and we learn nothing by it; only to
 * contacts, and to nobody whom we block; one for each offer, one for a contact in a day, so many in all; journaled before it is said;
 * nothing in it but what was offered, without characters that do anything.
 */

import { parseJid, xml } from '../../schemas/index.js'
import type { XmppEntity } from '../../wire/index.js'
import { newOfferId } from '../chance.js'
import type { Journal } from '../journal/journal.js'
import type { AnyTransfer } from '../transfer/kinds.js'
import type { Welcome } from './welcome.js'

export interface PlainMessagesAround {
  readonly entity: XmppEntity
  readonly journal: Pick<Journal, 'recall' | 'remember'>
  readonly welcome: Pick<Welcome, 'isContact' | 'isBlocked'>
  /** Our own bare JID. */
  self(): string | undefined
  /** The component that has the offers. */
  readonly component: string
  /** How long an offer is unanswered before, ms; never where it is `false`. */
  readonly afterMs: number | false
  readonly perDay: number
  fault(error: unknown): void
}

/** What the journal remembers: whom we have written to within a day, JSON of [peer, ms since 1970]. */
const noteName = 'plain-messages'
const dayMs = 24 * 3_600_000
const longestName = 100

export class PlainMessages {
  readonly #waiting = new Map<number, { transfer: AnyTransfer; timer: NodeJS.Timeout }>()
  #stopped = false

  constructor(readonly around: PlainMessagesAround) {}

  /** An offer of ours that is recorded, or waits in the journal. */
  watch(transfer: AnyTransfer): void {
    const { afterMs } = this.around
    const { n, created } = transfer.record
    if (afterMs === false || this.#stopped || this.#waiting.has(n) || !isWaiting(transfer)) return
    // Of a clock that was set back, no more than that is waited for again.
    const leftMs = Math.min(afterMs, Math.max(0, created + afterMs - Date.now()))
    const timer = setTimeout(() => this.#due(n), leftMs)
    timer.unref()
    this.#waiting.set(n, { transfer, timer })
  }

  /** Nothing more is said, but about what nobody has answered until now: this may be the last that is heard of us for long. */
  stop(): void {
    for (const n of [...this.#waiting.keys()]) this.#due(n)
    this.#stopped = true
  }

  #due(n: number): void {
    const { transfer, timer } = this.#waiting.get(n)!
    clearTimeout(timer)
    this.#waiting.delete(n)
    try {
      if (isWaiting(transfer)) this.#say(transfer)
    } catch (error) {
      // A journal that takes nothing: not said, and looked at again at the next login.
      this.around.fault(error)
    }
  }

  #say(transfer: AnyTransfer): void {
    const { entity, journal, welcome, perDay } = this.around
    const { peer, filename, filesize = 0, created, expires } = transfer.record
    const isFor = welcome.isContact(peer) && welcome.isBlocked(peer) === false && peer !== this.around.self()
    if (!isFor || entity.status !== 'online') return
    const now = Date.now()
    const said = this.#saidSince(now - dayMs)
    if (said.length >= perDay || said.some(([to]) => to === peer)) return
    transfer.note({ told: true })
    journal.remember(noteName, JSON.stringify([...said, [peer, now]]))
    const ends = new Date(Math.min(Date.parse(expires ?? '') || Infinity, created + 7 * dayMs))
    const body = [
      `I offer you a file: “${inert(filename)}” (${sizeText(filesize)}).`,
      `To get it, log in with this account in jabberFS${this.#named(peer)} and accept the offer: jabberfs receive.`,
      `It stands until ${ends.toISOString().slice(0, 16).replace('T', ' ')} UTC.`,
    ].join('\n')
    const message = xml('message', { to: peer, type: 'chat', id: newOfferId() }, xml('body', null, body))
    entity.send(message).catch(() => undefined)
  }

  /** Who asks his own server finds its component; to others the one that has the offer is named. */
  #named(peer: string): string {
    const { component } = this.around
    const domain = parseJid(peer)?.domain
    return domain !== undefined && component.endsWith(`.${domain}`) ? '' : ` (--component ${component})`
  }

  #saidSince(since: number): [peer: string, at: number][] {
    const kept = JSON.parse(this.around.journal.recall(noteName) ?? '[]') as [string, number][]
    // One from the future is of a clock that was wrong.
    return kept.filter(([, at]) => at > since && at <= since + 2 * dayMs)
  }
}

/** An offer of ours to which nobody has said anything, and of which nothing was said. */
function isWaiting({ record, parts }: AnyTransfer): boolean {
  const { authored, direction, phase, saying, told, closed } = record
  const isOpen = phase === 'proposed' && saying === undefined && closed === undefined
  return authored && direction === 'sending' && isOpen && parts.length === 0 && told !== true
}

/** Control characters, and those that turn text round, are left out. */
function inert(text: string): string {
  const signs = [...text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '')]
  return signs.length > longestName ? `${signs.slice(0, longestName - 1).join('')}…` : signs.join('')
}

function sizeText(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  const at = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, bytes)) / 3)))
  return at === 0 ? `${bytes} B` : `${(bytes / 1_000 ** at).toFixed(1)} ${units[at]}`
}
