/**
 * The catalogue's schema as it was first. Never changed: what came after is in steps of its own (schema.ts).
 *
 * 10 million entries are made of far fewer contents, names, words and folders, so each of these is kept once, an entry is a row of small
 * numbers, and the index of words is over distinct paths.
 */

export const firstSchema = `
  create table peer (
    id  integer primary key,
    jid text not null unique -- bare
  ) strict;

  create table device (
    id      integer primary key,
    peer    integer not null references peer (id),
    name    text    not null, -- SHA-256 of its certificate, or what a stock client calls itself
    online  integer not null default 0,
    seen    integer not null, -- last login or logout, UTC in ms
    expires integer not null, -- UTC in ms
    unique (peer, name)
  ) strict;
  create index device_expires on device (expires);

  -- Who may see a share; equal ones are one row.
  create table audience (
    id    integer primary key,
    kind  text not null check (kind in ('nobody', 'everybody', 'domain', 'listed')),
    value text not null, -- the domain, or the JIDs in order, one a line
    unique (kind, value)
  ) strict;
  insert into audience values (0, 'nobody', ''), (1, 'everybody', '');
  create table audience_member (
    jid      text    not null,
    audience integer not null references audience (id) on delete cascade,
    primary key (jid, audience)
  ) strict, without rowid;
  create index audience_member_audience on audience_member (audience);

  -- Whom a peer has blocked: bare JIDs and domains.
  create table block (
    blocked text    not null,
    peer    integer not null references peer (id),
    primary key (blocked, peer)
  ) strict, without rowid;
  create index block_peer on block (peer);

  create table share (
    id       integer primary key autoincrement, -- frozen results name it: never used again
    device   integer references device (id),     -- null: being removed
    peer     integer not null references peer (id),
    name     text    not null,
    audience integer not null references audience (id),
    online   integer not null, -- as its device: here so that a search looks at one row
    seq      integer not null, -- the last change held
    entries  integer not null,
    unique (device, name)
  ) strict;
  create index share_peer on share (peer);
  create index share_audience on share (audience);

  create table tag (
    id   integer primary key,
    name text not null unique
  ) strict;
  -- Tags of a share (entries null), and how many of its entries bear one by themselves.
  create table share_tag (
    share   integer not null references share (id),
    tag     integer not null references tag (id),
    whole   integer not null,
    entries integer not null,
    primary key (share, tag)
  ) strict, without rowid;
  create index share_tag_tag on share_tag (tag, share);

  create table media_type (
    id   integer primary key,
    name text not null unique
  ) strict;

  create table content (
    id   integer primary key autoincrement, -- frozen results name it: never used again
    root blob    not null,
    size integer not null,
    unique (root, size)
  ) strict;

  -- Folders, by their whole path; the share itself is ''.
  create table folder (
    id   integer primary key,
    path text not null unique
  ) strict;
  -- The folders of a share, with what is in and below them.
  create table share_folder (
    share   integer not null,
    parent  integer not null,
    folder  integer not null,
    entries integer not null,
    primary key (share, parent, folder)
  ) strict, without rowid;

  -- A name in a folder, whoever has it.
  create table path (
    id     integer primary key autoincrement, -- frozen results name it: never used again
    folder integer not null references folder (id),
    name   text    not null,
    unique (folder, name)
  ) strict;
  -- Its words, as protocol/catalogue/words.ts makes them, with spaces between.
  create virtual table words using fts5 (
    text, content = '', contentless_delete = 1, detail = none, tokenize = 'ascii'
  );

  -- Every word there is, and what it is made of: prefixes and parts are looked up here.
  create table word (
    id   integer primary key,
    text text not null unique
  ) strict;
  create virtual table word_part using fts5 (
    text, content = '', contentless_delete = 1, detail = none, tokenize = 'trigram case_sensitive 1'
  );

  create table entry (
    share      integer not null,
    folder     integer not null,
    path       integer not null,
    content    integer not null,
    modified   integer, -- UTC in s
    media_type integer,
    primary key (share, folder, path)
  ) strict, without rowid;
  create index entry_path on entry (path, content);
  create index entry_content on entry (content);

  create table entry_tag (
    share integer not null,
    path  integer not null,
    tag   integer not null,
    primary key (share, path, tag)
  ) strict, without rowid;

  create table saved_search (
    id    integer primary key,
    peer  integer not null references peer (id),
    name  text not null,
    query text not null, -- JSON
    unique (peer, name)
  ) strict;

  -- Counts that would be slow to count.
  create table total (entries integer not null) strict;
  insert into total values (0);
  `
