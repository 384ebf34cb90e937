/**
 * Whole lists: the component as the receiving side of them, at one port of its own (docs/catalogue.md, "The whole list").
 *
 * What holds: only a device that is logged in may offer one, and only its own; one list a peer, eight in all, of another server no more than it
 * leaves free, and of all others together not the last; what a device offers anew takes the place of what it offered before; while all places are taken, a list of which next to nothing came yet gives way to that of
 * somebody whose lists came to nothing less often. Nothing is kept but what the catalogue took.
 */

import { maxPackedBytes } from '../../protocol/catalogue-list/index.js'
import {
  type Action,
  bareJid,
  type Element,
  field,
  fileTooLarge,
  type Offer,
  readAction,
  retry,
} from '../../schemas/index.js'
import { newId, Refused } from '../../wire/index.js'
import type { Session } from '../attendance/logins.js'
import { homeOf } from '../config/config.js'
import { InVain } from './in-vain.js'
import { type ListSurroundings, OneList } from './one-list.js'
import type { ListFile } from './parts.js'

/** The filename that says that it is a list. */
export const listFilename = 'catalogue-list'

/** Lists at once. */
const mostLists = 8
/** Of those, kept free of other servers' people. */
const keptForHome = 1
/** When to come again while there is no place for another list, in seconds. */
const comeAgainSeconds = 5

export class ListLink {
  readonly #lists = new Map<string, OneList>()
  readonly #inVain = new InVain()

  constructor(
    readonly domain: string,
    /** A session that speaks. @throws Refused */
    readonly sessionOf: (from: string) => Promise<Session>,
    /** Nothing where the port is closed. */
    readonly around: ListSurroundings | undefined,
  ) {}

  /** Lists on their way now. */
  get size(): number {
    return this.#lists.size
  }

  /**
   * Takes an action, if it is about a list: an offer to the component itself, or what belongs to one.
   * @returns nothing where it is not. Rejects with Refused, or Malformed
   */
  hear(from: string, payload: Element): Promise<void> | undefined {
    const { sid, peer } = payload.attrs
    if (sid !== undefined) {
      const list = this.#lists.get(sid)
      return list && this.#word(from, list, readAction(payload))
    }
    if (payload.name !== 'offer' || peer === undefined || bareJid(peer) !== this.domain) return undefined
    return this.#offered(from, readAction(payload))
  }

  /** Ends all lists; the catalogue has none of them in its hands when it resolves. */
  async close(): Promise<void> {
    const lists = [...this.#lists.values()]
    for (const list of lists) list.halt()
    await Promise.all(lists.map(({ over }) => over))
    this.around?.door.close()
    this.around?.parts.close()
  }

  async #offered(from: string, said: Action): Promise<void> {
    const owner = await this.sessionOf(from)
    const { around } = this
    // Whoever has a list says it by stanzas then.
    if (around === undefined) throw new Refused('feature-not-implemented', 'cancel')
    const { id, file } = wanted(said.value as Offer, owner)
    const before = [...this.#lists.values()].find((list) => list.file.owner.peer === file.owner.peer)
    if (before !== undefined) {
      const isSame = before.id === id && before.file.owner.device === file.owner.device
      if (isSame && Buffer.compare(before.file.root, file.root) !== 0) throw Refused.by('conflict')
      if (isSame) return
      if (before.file.owner.device !== file.owner.device || before.isBeingTaken) throw busy()
      before.stop('policy')
    } else this.#makeRoomFor(file.owner.peer)
    this.#begin(new OneList(around, newId(), id, owner, file), before)
  }

  /** Other servers' people, however many and of however many servers, never have all the places. @throws Refused where there is none */
  #makeRoomFor(peer: string): void {
    const [domain, home] = [domainOf(peer), homeOf(this.domain)]
    const all = [...this.#lists.values()]
    const isForeign = domain !== home
    const ofServer = all.filter(({ file }) => domainOf(file.owner.peer) === domain)
    const foreign = all.filter(({ file }) => domainOf(file.owner.peer) !== home)
    const isFullOfServer = isForeign && ofServer.length >= Math.max(1, mostLists - all.length)
    const isFull = isFullOfServer || (isForeign && foreign.length >= mostLists - keptForHome)
    if (!isFull && all.length < mostLists) return
    const theirs = isFullOfServer ? ofServer : foreign
    const vain = (list: OneList) => this.#inVain.of(list.file.owner.peer)
    const least = this.#inVain.of(peer)
    const idle = (isFull ? theirs : all).filter((list) => list.isIdle && vain(list) > least)
    const [first] = idle.sort((one, other) => vain(other) - vain(one))
    if (first === undefined) throw busy()
    this.#lists.delete(first.sid)
    first.stop('failed')
  }

  /** Begins one, after the one before it has ended. */
  #begin(list: OneList, before: OneList | undefined): void {
    if (before !== undefined) this.#lists.delete(before.sid)
    this.#lists.set(list.sid, list)
    void list.run(before?.over)
    void list.over.then(() => {
      this.#inVain.note(list.file.owner.peer, list.wasBrought)
      if (this.#lists.get(list.sid) === list) this.#lists.delete(list.sid)
    })
  }

  async #word(from: string, list: OneList, { action }: Action): Promise<void> {
    const { party } = await this.sessionOf(from)
    const { peer, device } = list.file.owner
    if (party.peer !== peer || party.device !== device) throw Refused.by('not-found')
    // How it could be reached is of no use: the component dials nobody.
    if (action === 'listening' || action === 'connecting') return
    if (action === 'timeout') list.stop('failed')
    else if (action === 'abort') list.stop('user')
    else throw Refused.by('forbidden')
  }
}

const domainOf = (peer: string) => peer.slice(peer.indexOf('@') + 1)

/** The list that is offered. @throws Refused */
function wanted({ id, files, rootLater }: Offer & { rootLater?: boolean }, owner: Session) {
  if (id === undefined) throw Refused.by('malformed', field('offer/@id'))
  const [file, ...more] = files
  if (file === undefined || more.length > 0 || file.filename !== listFilename) {
    throw Refused.by('not-acceptable', field('offer/file[1]/filename'))
  }
  const { filename, filesize, root } = file
  if (root === undefined || rootLater === true)
    throw Refused.by('not-acceptable', field('offer/file[1]/hash'))
  if (filesize > maxPackedBytes) throw Refused.by('not-acceptable', fileTooLarge(maxPackedBytes))
  const { peer, device } = owner.party
  const list: ListFile = { owner: { peer, device }, filename, filesize, root }
  return { id, file: list }
}

const busy = () => Refused.by('busy', retry({ afterSeconds: comeAgainSeconds }))
