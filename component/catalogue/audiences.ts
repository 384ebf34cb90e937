/**
 * Who may see a share, as rows: equal audiences are one, so that a search compares numbers. What holds: the value of a row is its
 * meaning (JSON with both lists in order), and its members are those lists. Those that no share has any more go before they are many:
 * who asks is compared with all that name him.
 */

import type { VisibleTo } from '../../protocol/catalogue/visibility.js'
import type { Db } from './open-catalogue.js'
import { everybody } from './schema.js'

export interface Audiences {
  /** The number of an audience, which is made if needed. Positive. */
  idOf(visibleTo: VisibleTo): number
  visibleTo(id: number): VisibleTo
  /** Forgets those that no share has. */
  sweep(): void
}

/** Audiences that are made between two rounds of forgetting. */
const sweepAfter = 128

/** A domain as a member: no bare JID begins so. */
export const asMember = (domain: string) => `@${domain}`

const inOrder = (texts: readonly string[]) => [...new Set(texts)].sort()

export function audiencesIn(db: Db): Audiences {
  const find = db.prepare('select id from audience where value = ?').pluck()
  const make = db.prepare('insert into audience (value) values (?) returning id').pluck()
  const join = db.prepare('insert into audience_member (who, audience) values (?, ?)')
  const drop = db
    .prepare(
      `delete from audience where id > ${everybody} and not exists (select 1 from share s where s.audience in (audience.id, -audience.id))
       returning id`,
    )
    .pluck()
  const leave = db.prepare('delete from audience_member where audience = ?')
  const sweep = () => {
    for (const id of drop.all() as number[]) leave.run(id)
  }
  let made = 0
  return {
    sweep,
    idOf(visibleTo) {
      if (visibleTo.kind === 'everybody') return everybody
      const { domains, peers } = visibleTo.kind === 'only' ? visibleTo : { domains: [], peers: [] }
      const value = JSON.stringify({ domains: inOrder(domains), peers: inOrder(peers) })
      const found = find.get(value) as number | undefined
      if (found !== undefined) return found
      if (++made % sweepAfter === 0) sweep()
      const id = make.get(value) as number
      for (const who of [...inOrder(domains).map(asMember), ...inOrder(peers)]) join.run(who, id)
      return id
    },
    visibleTo: visibleToOf(db),
  }
}

/** Reads audiences back: for connections that do not write, too. */
export function visibleToOf(db: Db): (id: number) => VisibleTo {
  const textOf = db.prepare('select value from audience where id = ?').pluck()
  return (id) => {
    if (id === everybody) return { kind: 'everybody' }
    const value = textOf.get(id) as string
    const { domains, peers } = JSON.parse(value) as { domains: string[]; peers: string[] }
    return domains.length + peers.length === 0 ? { kind: 'nobody' } : { kind: 'only', domains, peers }
  }
}
