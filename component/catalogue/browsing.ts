/**
 * Looking around: peers, the shares of one, tags. In order of names, page by page from the last name seen, so that
 * pages neither repeat nor skip while entries come and go.
 */

import { visibleToOf } from './audiences.js'
import { aliveAt } from './deadline.js'
import { maxFrozen } from './limits.js'
import type { Db } from './open-catalogue.js'
import { sightOf, visible } from './sight.js'
import { type Ordered, orderedBy, spanned } from './spans.js'
import type { Listing, PeerItem, ShareItem, Span, TagItem } from './values.js'

export interface Browsing {
  /** Peers with something that the asker may see. */
  peers(asker: string, which: 'online' | 'offline' | 'all', span: Span): Listing<PeerItem>
  shares(asker: string, peer: string, span: Span): Listing<ShareItem>
  /** Tags and how many entries bear them, the most used first. */
  tags(asker: string): TagItem[]
  /** The same of some tags now; nothing for one of which nothing is to be seen any more. */
  tagsNow(asker: string, tags: readonly string[]): (TagItem | undefined)[]
  tagsWith(asker: string, prefix: string, span: Span): Listing<TagItem>
}

export function browsingIn(db: Db): Browsing {
  const sight = sightOf(db)
  const visibleToOfId = visibleToOf(db)
  const peersOf = (having: string) =>
    orderedBy(
      db,
      'p.jid',
      `select p.jid as peer, max(s.online) as online, count(*) as shares, sum(s.entries) as files, total(s.bytes) as bytes
       from peer p cross join share s on s.peer = p.id
       where p.jid /*beyond*/ and s.entries > 0 and s.device is not null and ${aliveAt('s.id')} and ${visible}
       group by p.jid having ${having}`,
    )
  const peers = {
    all: peersOf('true'),
    online: peersOf('max(s.online) = 1'),
    offline: peersOf('max(s.online) = 0'),
  }
  const shares = orderedBy(
    db,
    's.name',
    `select s.id, p.jid as peer, d.name as device, s.name as share, s.title as name, s.entries as files, s.bytes, s.online,
       s.seq, s.audience, s.peer = @asker as own
     from peer p cross join share s on s.peer = p.id cross join device d on d.id = s.device
     where p.jid = @peer and s.name /*beyond*/ and (s.entries > 0 or s.peer = @asker) and ${visible}`,
  )
  const shareTags = db
    .prepare(
      'select t.name from share_tag st join tag t on t.id = st.tag where st.share = ? and st.whole order by 1',
    )
    .pluck()
  // A tag of a share is one of each entry in it, once.
  const files = 'sum(iif(st.whole, s.entries, st.entries))'
  const tagsFrom = `from tag t cross join share_tag st on st.tag = t.id cross join share s on s.id = st.share`
  const tags = db.prepare(
    `select t.name as tag, ${files} as files ${tagsFrom} where ${aliveAt('s.id')} and ${visible}
     group by t.name having files > 0 order by files desc, t.name limit ${maxFrozen}`,
  )
  const tagNow = db.prepare(
    `select t.name as tag, ${files} as files ${tagsFrom} where t.name = @tag and ${aliveAt('s.id')} and ${visible}
     group by t.name having files > 0`,
  )
  const tagsWith = orderedBy(
    db,
    't.name',
    `select t.name as tag, ${files} as files ${tagsFrom}
     where t.name >= @prefix and t.name < @prefix || char(0x10ffff) and t.name /*beyond*/ and ${aliveAt('s.id')} and ${visible}
     group by t.name having ${files} > 0`,
  )

  return {
    peers(asker, which, span) {
      const rows = peers[which] as Ordered<PeerItem & { online: number }>
      return spanned(
        rows,
        sight(asker),
        span,
        (row) => row.peer,
        ({ online, ...row }) => {
          return { ...row, isOnline: online === 1 }
        },
      )
    },
    shares(asker, peer, span) {
      const rows = shares as Ordered<ShareRow>
      return spanned(
        rows,
        { peer, ...sight(asker) },
        span,
        (row) => row.share,
        (row): ShareItem => {
          const { id, online, own, seq, audience, ...plain } = row
          const tags = shareTags.all(id) as string[]
          const item = { ...plain, tags, isOnline: online === 1 }
          return own === 1 ? { ...item, own: { seq, visibleTo: visibleToOfId(audience) } } : item
        },
      )
    },
    tags: (asker) => tags.all(sight(asker)) as TagItem[],
    tagsNow(asker, wanted) {
      const eyes = sight(asker)
      return wanted.map((tag) => tagNow.get({ tag, ...eyes }) as TagItem | undefined)
    },
    tagsWith: (asker, prefix, span) =>
      spanned(
        tagsWith as Ordered<TagItem>,
        { prefix, ...sight(asker) },
        span,
        (row) => row.tag,
        (row) => row,
      ),
  }
}

type ShareRow = Omit<ShareItem, 'own' | 'isOnline' | 'tags'> & {
  id: number
  online: number
  own: number
  seq: number
  audience: number
}
