/**
 * What a request by share and path asks of the catalogue: whose device published it, if the asker may see it (docs/protocol.md,
 * "Shared files").
 *
 * What holds: the catalogue answers in its own time, so a device's words would overtake its request; they wait for it, and
 * are recorded in the order in which they were said. To be absent, taken back, and not for the asker is one answer.
 */

import { type FileRequest, parseJid, retry } from '../../schemas/index.js'
import { Refused } from '../../wire/index.js'
import type { Session } from '../attendance/logins.js'

/** The device that published it. */
export interface Publisher {
  device: string
}

/**
 * Whether a peer may get what another one shares; all addresses are bare. `undefined` when there is no such thing for him. Rejects
 * when that cannot be known now.
 */
export type MayGet = (
  asker: string,
  peer: string,
  share: string,
  path: string,
) => Promise<Publisher | undefined>

/** After how long somebody who was sent away should come back, in seconds. */
const comeBackAfter = 5

type Found = { publisher: Publisher | undefined } | { fault: unknown }

export class Published {
  /** Of each device by its row: when all that it asked for so far has been looked up. */
  readonly #turns = new Map<number, Promise<unknown>>()

  constructor(
    /** Without it nothing is published. */
    readonly mayGet: MayGet | undefined,
  ) {}

  /**
   * Resolves once what this device asked for before has been looked up; nothing when that is so. As many steps later as
   * `publisherOf`, so that who asked before is recorded before.
   */
  turnOf(me: Session): Promise<void> | undefined {
    return this.#turns.get(me.row)?.then(() => {})
  }

  /** The publisher of what is requested, when it is this device's turn. @throws Refused `busy` */
  async publisherOf(me: Session, request: FileRequest): Promise<Publisher | undefined> {
    const looked = this.#look(me, request)
    const turn = Promise.all([looked, this.#turns.get(me.row)])
    this.#turns.set(me.row, turn)
    const [found] = await turn
    if (this.#turns.get(me.row) === turn) this.#turns.delete(me.row)
    if ('fault' in found) throw Refused.by('busy', retry({ afterSeconds: comeBackAfter }))
    return found.publisher
  }

  /** Never rejects: who comes after is not to suffer from it. */
  async #look(me: Session, { peer, share, path }: FileRequest): Promise<Found> {
    const of = peer === undefined ? undefined : parseJid(peer)?.bare
    if (this.mayGet === undefined || of === undefined || share === undefined || path === undefined) {
      return { publisher: undefined }
    }
    try {
      const publisher = await this.mayGet(me.party.peer, of, share, path)
      // Nothing goes from a device to itself.
      const isOwn = of === me.party.peer && publisher?.device === me.party.device
      return { publisher: isOwn ? undefined : publisher }
    } catch (fault) {
      return { fault }
    }
  }
}
