/** Whom our person blocks on his own server (XEP-0191): people and domains. The list is read and never changed. */

import {
  askBlockList,
  type BlockList,
  type Element,
  isBlockPush,
  parseJid,
  readBlockList,
} from '../../schemas/index.js'
import { OwnList } from './own-list.js'

export class Blocked extends OwnList {
  #list: BlockList = { domains: [], peers: [] }
  #all = new Set<string>()

  /** Whether a peer, bare, is blocked, or his domain; undefined while that is not known. */
  has(peer: string): boolean | undefined {
    if (!this.isKnown) return undefined
    return this.#all.has(peer) || this.#all.has(parseJid(peer)?.domain ?? peer)
  }

  /** The whole list; undefined while it is not known. */
  get list(): BlockList | undefined {
    return this.isKnown ? this.#list : undefined
  }

  protected question(): Element {
    return askBlockList()
  }

  protected take(answer: Element | undefined): void {
    this.#list = answer === undefined ? { domains: [], peers: [] } : readBlockList(answer)
    this.#all = new Set([...this.#list.domains, ...this.#list.peers])
  }

  protected push(child: Element): boolean {
    if (!isBlockPush(child)) return false
    this.readAgain()
    return true
  }
}
