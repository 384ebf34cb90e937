/** Offers and requests as their authors said them, each with the sum over the devices it went to. */

import type { Kind, Offered } from '../../protocol/mediation/index.js'
import { parseXml } from '../../schemas/index.js'
import { type Db, limited } from './open.js'

export interface NewOffer {
  /** Row of the author's device. */
  author: number
  authorPeer: string
  /** The id its author gave it. */
  name: string
  kind: Kind
  /** Bare JID. */
  recipient: string
  /** If it is for one resource of the recipient only. */
  resource: string | null
  digest: string
  payload: string
  /** UTC in ms. */
  made: number
  ends: number
  state: Offered
}

/** Without the payload, which may be large. */
export interface OfferRow extends Omit<NewOffer, 'payload'> {
  id: number
}

/** What one author has waiting for somebody. */
export interface Waiting {
  /** Bare JID. */
  author: string
  count: number
  /** Whether the recipient has had to do with him (acquaintances.ts). */
  isKnown: boolean
}

export interface Offers {
  add(offer: NewOffer): number
  find(id: number): OfferRow | undefined
  /** The element as its author said it. */
  payload(id: number): string | undefined
  /** The name of the first file, as it is in the element; '' where it has none. */
  filename(id: number): string
  named(authorPeer: string, name: string): OfferRow | undefined
  /** Stores the sum; `due` is when to look at it again. */
  update(id: number, state: Offered, due: number | null): void
  /** Open ones for a peer that did not reach this device and are not its own, oldest first, of those after `after`. */
  undelivered(recipient: string, device: number, after: number, most: number): OfferRow[]
  /** What waits for an answer of this peer, by author. */
  waitingFor(recipient: string): Waiting[]
  /** Whether a peer is one with whom another has had to do. */
  isKnownTo(recipient: string, authorPeer: string): boolean
  /** Those that have not ended. Counts no further than `most`. */
  unfinishedBy(authorPeer: string, most: number): number
  /** Those whose time has come, earliest first. */
  due(now: number, most: number): OfferRow[]
  nextDue(): number | undefined
  remove(id: number): void
  count(): number
  /** Forgets the oldest finished ones of an author, but for the newest `keep`. */
  trim(authorPeer: string, keep: number): void
}

const columns =
  'id, author, author_peer as authorPeer, name, kind, recipient, resource, digest, made, ends, state'

/** The row as it comes is the object: a copy of a dozen columns costs as much as reading them. */
function read(row: unknown): OfferRow {
  const read = row as Omit<OfferRow, 'state'> & { state: unknown }
  read.state = JSON.parse(read.state as string)
  return read as OfferRow
}

const readMaybe = (row: unknown) => (row === undefined ? undefined : read(row))

/** Whether anything may still come of it: while it runs there is no time at which to look at it. */
const unfinished = (state: Offered, due: number | null) => (state.open || due === null ? 1 : 0)

/** Whether it counts as waiting for somebody's yes or no. */
const pending = (state: Offered) => (state.open && !state.accepted ? 1 : 0)

export function offersIn(db: Db): Offers {
  const insert = db.prepare(
    `insert into offer (author, author_peer, name, kind, recipient, resource, digest, payload, made, ends, due, open, pending, state)
       values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  const find = db.prepare(`select ${columns} from offer where id = ?`)
  const payload = db.prepare('select payload from offer where id = ?').pluck()
  // The first file follows a description of at most some KiB; a whole offer may have a hundred.
  const opening = db.prepare(`select substr(payload, 1, ${16 * 1024}) from offer where id = ?`).pluck()
  const named = db.prepare(`select ${columns} from offer where author_peer = ? and name = ?`)
  const update = db.prepare(
    'update offer set state = ?, open = ?, pending = ?, unfinished = ?, due = ? where id = ?',
  )
  const undelivered = db.prepare(
    `select ${columns} from offer o where recipient = ? and open = 1 and id > ? and author <> ?
       and not exists (select 1 from transfer where offer = o.id and recipient = ?)
     order by id ${limited()}`,
  )
  const waitingFor = db.prepare(
    `select author_peer as author, count(*) as count,
       exists (select 1 from acquaintance where peer = o.recipient and other = o.author_peer) as known
     from offer o where recipient = ? and pending = 1 group by author_peer`,
  )
  const known = db.prepare('select 1 from acquaintance where peer = ? and other = ?').pluck()
  const unfinishedBy = db
    .prepare(
      `select count(*) from (select 1 from offer where author_peer = ? and unfinished = 1 ${limited()})`,
    )
    .pluck()
  const due = db.prepare(
    `select ${columns} from offer where due is not null and due <= ? order by due ${limited()}`,
  )
  const nextDue = db.prepare('select min(due) from offer where due is not null').pluck()
  const remove = db.prepare('delete from offer where id = ?')
  const count = db.prepare('select count(*) from offer').pluck()
  const trim = db.prepare(
    `delete from offer where id in (
       select id from offer where author_peer = ? and unfinished = 0
       order by id desc limit 512 offset ?)`,
  )
  return {
    add(o) {
      const { changes: _, lastInsertRowid } = insert.run(
        o.author,
        o.authorPeer,
        o.name,
        o.kind,
        o.recipient,
        o.resource,
        o.digest,
        o.payload,
        o.made,
        o.ends,
        o.ends,
        o.state.open ? 1 : 0,
        pending(o.state),
        JSON.stringify(o.state),
      )
      return Number(lastInsertRowid)
    },
    find: (id) => readMaybe(find.get(id)),
    payload: (id) => payload.get(id) as string | undefined,
    filename(id) {
      // What is stored is as we wrote it.
      const [name] = /<filename>[^<]*<\/filename>/.exec((opening.get(id) ?? '') as string) ?? []
      return name === undefined ? '' : parseXml(name).getText()
    },
    named: (authorPeer, name) => readMaybe(named.get(authorPeer, name)),
    update: (id, state, dueAt) =>
      void update.run(
        JSON.stringify(state),
        state.open ? 1 : 0,
        pending(state),
        unfinished(state, dueAt),
        dueAt,
        id,
      ),
    undelivered: (recipient, device, after, most) =>
      undelivered.all(recipient, after, device, device, most).map(read),
    waitingFor: (recipient) =>
      (waitingFor.all(recipient) as { author: string; count: number; known: number }[]).map(
        ({ author, count, known }) => ({ author, count, isKnown: known === 1 || author === recipient }),
      ),
    isKnownTo: (recipient, authorPeer) =>
      recipient === authorPeer || known.get(recipient, authorPeer) !== undefined,
    unfinishedBy: (authorPeer, most) => unfinishedBy.get(authorPeer, most) as number,
    due: (now, most) => due.all(now, most).map(read),
    nextDue: () => (nextDue.get() as number | null) ?? undefined,
    remove: (id) => void remove.run(id),
    count: () => count.get() as number,
    trim: (authorPeer, keep) => void trim.run(authorPeer, keep),
  }
}
