/**
 * Whose offers are shown (docs/protocol.md, "The absent and the blocked look alike"): those of contacts, or of whom the program lets in beside them; of nobody who
 * is blocked; always those of other devices of one's own.
 *
 * Rule: who is not welcome is told nothing. To him it looks as if nobody were there (case 24, P23).
 */

import { parseJid } from '../../schemas/index.js'
import type { OffersFrom } from '../api.js'
import { FileTransferError } from '../errors.js'

export type Verdict =
  | 'welcome'
  | 'unwelcome'
  /** A list has still to be read. */
  | 'unknown'

/** A list of people, as far as it is known. */
interface People {
  has(peer: string): boolean | undefined
}

export interface WelcomeAround {
  readonly contacts: People
  readonly blocked: People
  /** Our own bare JID, once known. */
  self(): string | undefined
}

export class Welcome {
  /** Whoever let somebody in may take it back. */
  readonly #admitted = new Set<ReadonlySet<string>>()

  constructor(readonly around: WelcomeAround) {}

  /** Lets in whom these words name, until the function that is returned is called. @throws FileTransferError `bad-option` */
  admit(from: OffersFrom): () => void {
    const words = readFrom(from)
    this.#admitted.add(words)
    return () => this.#admitted.delete(words)
  }

  /** Whether a peer, bare, may offer something. */
  judge(peer: string): Verdict {
    const { contacts } = this.around
    if (peer === this.around.self()) return 'welcome'
    const isBlocked = this.isBlocked(peer)
    if (isBlocked !== false) return isBlocked ? 'unwelcome' : 'unknown'
    const domain = parseJid(peer)?.domain ?? peer
    if (this.#names('everybody') || this.#names(peer) || this.#names(domain)) return 'welcome'
    if (!this.#names('contacts')) return 'unwelcome'
    const isContact = contacts.has(peer)
    if (isContact === undefined) return 'unknown'
    return isContact ? 'welcome' : 'unwelcome'
  }

  /** Undefined while it is not known. */
  isBlocked(peer: string): boolean | undefined {
    return peer === this.around.self() ? false : this.around.blocked.has(peer)
  }

  /** Whether somebody is a contact, or our person himself, as far as is known. */
  isContact(peer: string): boolean {
    return peer === this.around.self() || this.around.contacts.has(peer) === true
  }

  #names(word: string): boolean {
    for (const words of this.#admitted) if (words.has(word)) return true
    return false
  }
}

/** The words one by one. @throws FileTransferError `bad-option` */
export function readFrom(from: OffersFrom): ReadonlySet<string> {
  const words = typeof from === 'string' ? [from] : from
  if (!Array.isArray(words) || words.length > maxWords)
    throw new FileTransferError('bad-option', 'offersFrom')
  return new Set(
    words.map((word: unknown) => {
      if (word === 'contacts' || word === 'everybody') return word
      const jid = typeof word === 'string' ? parseJid(word) : undefined
      if (jid === undefined || jid.resource !== undefined) {
        throw new FileTransferError('bad-option', `offersFrom: ${String(word).slice(0, 80)}`)
      }
      return jid.bare
    }),
  )
}

const maxWords = 10_000
