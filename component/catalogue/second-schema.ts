/**
 * The second step: what the language of docs/catalogue.md asks for (registrations, titles, sizes, who may see it, searches
 * of a device), and shorter indexes.
 *
 * - Roots and names are looked up by a short key and then compared: an index over all of their bytes was a fifth of the file,
 *   and each new entry wrote to one of its pages at random. `name_key` is a function of ours (name-key.ts).
 * - Roots come in any order, ids in the order of their coming: what is ordered by ids has its new rows on pages that are at hand.
 */

export const secondSchema = `
  alter table device add column registration text not null default ''; -- 32 hex digits

  -- Who may see a share; equal ones are one row.
  create table audience_2 (
    id    integer primary key,
    value text not null unique -- 'unseen', 'everybody', or JSON of domains and peers
  ) strict;
  insert into audience_2 values (0, 'unseen'), (1, 'everybody');
  insert or ignore into audience_2 (id, value) select id, json_object('domains', json_array(value), 'peers', json_array())
    from audience where kind = 'domain';
  insert or ignore into audience_2 (id, value) select id, json_object('domains', json_array(), 'peers',
      json(iif(value = '', '[]', '["' || replace(value, char(10), '","') || '"]'))) from audience where kind = 'listed';
  create table audience_member_2 (
    who      text    not null, -- a bare JID, or '@' and a domain
    audience integer not null,
    primary key (who, audience)
  ) strict, without rowid;
  insert into audience_member_2 select jid, audience from audience_member;
  insert into audience_member_2 select '@' || value, id from audience where kind = 'domain';

  create table share_2 (
    id       integer primary key autoincrement, -- frozen results name it: never used again
    device   integer,          -- null: being removed, or being filled
    peer     integer not null,
    name     text    not null, -- its id in the language, unique for the peer
    title    text    not null, -- what people call it
    audience integer not null,
    online   integer not null, -- as its device: here so that a search looks at one row
    seq      integer not null, -- the last change held
    entries  integer not null,
    bytes    real    not null, -- a sum of very large sizes need not be exact
    filling  integer not null  -- whether a whole list is being written into it
  ) strict;
  insert into share_2 select id, device, peer, name, name, audience, online, seq, entries, 0, 0 from share;
  -- The id of a share is unique for its peer now: of two, the later goes, and its device makes another.
  update share_2 set device = null, audience = 0, online = 0 where exists (
    select 1 from share_2 other where other.peer = share_2.peer and other.name = share_2.name and other.id < share_2.id
      and other.device is not null);
  update share_2 set bytes = (select total(c.size) from entry e join content c on c.id = e.content where e.share = share_2.id);
  drop table share;
  drop table audience_member;
  drop table audience;
  alter table audience_2 rename to audience;
  alter table audience_member_2 rename to audience_member;
  alter table share_2 rename to share;
  create index audience_member_audience on audience_member (audience);
  create unique index share_name on share (peer, name) where device is not null;
  create index share_device on share (device);
  create index share_peer on share (peer);
  create index share_audience on share (audience);

  -- The ids of contents, paths and folders are counted up by the writer and never used again while it runs: frozen results and
  -- readers remember them.
  create table content_2 (
    id   integer primary key,
    root blob    not null,
    size integer not null
  ) strict;
  insert into content_2 select id, root, size from content;
  drop table content;
  alter table content_2 rename to content;
  create index content_key on content (substr(root, 1, 6));

  create table path_2 (
    id     integer primary key,
    folder integer not null,
    key    integer not null, -- of the name
    name   text    not null
  ) strict;
  insert into path_2 select id, folder, name_key(name), name from path;
  drop table path;
  alter table path_2 rename to path;
  create index path_key on path (folder, key);

  create table folder_2 (
    id   integer primary key,
    path text not null unique
  ) strict;
  insert into folder_2 select id, path from folder;
  drop table folder;
  alter table folder_2 rename to folder;

  -- Which paths a content is under; who has it is found by these. An index of entries by content would be written to at random
  -- for each entry, this is for each content.
  drop index entry_content;
  create table content_path (
    content integer not null,
    path    integer not null,
    primary key (content, path)
  ) strict, without rowid;
  insert or ignore into content_path select content, path from entry;

  -- A path that has the word: whether anybody may see a word is told by it mostly, without asking the index.
  alter table word add column path integer;

  -- A saved search belongs to a device, which may have no registration.
  drop table saved_search;
  create table saved_search (
    id     integer primary key autoincrement,
    peer   text    not null,
    device text    not null,
    name   text    not null,
    query  text    not null, -- JSON
    seen   integer not null, -- last login of the device, UTC in ms
    found  integer not null default 0, -- matches ever
    heard  integer not null default 0, -- of those, what its device has heard of
    unique (peer, device, name)
  ) strict;
  create index saved_search_seen on saved_search (seen);
  -- The first few matches that were not heard of.
  create table match (
    search  integer not null,
    number  integer not null, -- as found counts
    content integer not null,
    path    integer not null,
    share   integer not null,
    primary key (search, number)
  ) strict, without rowid;

  -- Whom the operator keeps out: bare JIDs and domains.
  create table kept_out (who text primary key) strict, without rowid;
`
