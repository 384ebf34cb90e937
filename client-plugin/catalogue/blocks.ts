/**
 * Whom our person blocks on his own server (XEP-0191), told to the component before anything is published, and whenever it
 * changes: who is blocked finds nothing of his (docs/catalogue.md, "Blocking").
 *
 * Rules: the server's list is read and never changed; its pushes are looked at, and left for others to answer.
 */

import {
  childElements,
  isElement,
  maxBlockedDomains,
  maxBlockedPeers,
  parseJid,
  xml,
} from '../../schemas/index.js'
import { RequestRefused, request } from '../../wire/index.js'
import { FileTransferError } from '../errors.js'
import type { Asking } from './asking.js'

const nsBlocking = 'urn:xmpp:blocking'

export interface Blocked {
  domains: string[]
  peers: string[]
}

export class Blocks {
  readonly #unhear: () => void

  constructor(
    readonly asking: Asking,
    /** The list has changed. */
    readonly onChange: () => void,
    readonly report: (trouble: FileTransferError) => void,
  ) {
    const { entity } = asking
    const look = (stanza: ReturnType<typeof xml>) => {
      const { from, type } = stanza.attrs
      if (stanza.name !== 'iq' || type !== 'set') return
      // Only our own server speaks for our own account.
      if (from !== undefined && from !== entity.jid?.bare().toString()) return
      if (childElements(stanza).some(isPush)) onChange()
    }
    entity.on('stanza', look)
    this.#unhear = () => entity.off('stanza', look)
  }

  /** Tells the component whom the server's list names. Nothing, where the server keeps no such list. */
  async tell(): Promise<void> {
    const blocked = await this.#read()
    if (blocked !== undefined) await this.asking.ask('blocking', blocked)
  }

  close(): void {
    this.#unhear()
  }

  async #read(): Promise<Blocked | undefined> {
    const { entity, timeoutMs, stopped: signal } = this.asking
    try {
      const payload = xml('blocklist', { xmlns: nsBlocking })
      const answer = await request(entity, { type: 'get', payload, timeoutMs, signal })
      const jids =
        answer === undefined ? [] : childElements(answer).map((item) => String(item.attrs.jid ?? ''))
      return this.#bounded(blockedBy(jids))
    } catch (error) {
      if (error instanceof RequestRefused) return undefined
      throw error
    }
  }

  #bounded({ domains, peers }: Blocked): Blocked {
    if (domains.length > maxBlockedDomains || peers.length > maxBlockedPeers) {
      this.report(new FileTransferError('quota', 'more are blocked than the catalogue takes'))
    }
    return { domains: domains.slice(0, maxBlockedDomains), peers: peers.slice(0, maxBlockedPeers) }
  }
}

const isPush = (child: ReturnType<typeof xml>): boolean =>
  isElement(child, 'block', nsBlocking) || isElement(child, 'unblock', nsBlocking)

/** The domains and the people of a list; single resources, and what is no address, are left out. */
export function blockedBy(jids: readonly string[]): Blocked {
  const domains = new Set<string>()
  const peers = new Set<string>()
  for (const each of jids) {
    const jid = parseJid(each)
    if (jid === undefined || jid.resource !== undefined) continue
    if (jid.local === undefined) domains.add(jid.domain)
    else peers.add(jid.bare)
  }
  return { domains: [...domains], peers: [...peers] }
}
