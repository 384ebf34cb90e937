/**
 * The schema, as the steps that made it. A step that was released is never changed: a new one is added.
 *
 * What holds: all or nothing (all steps of one opening are one transaction), `user_version` counts the steps taken, and a
 * file that has taken more steps than we know is refused (open.ts). No address and no token is in any column (P22).
 */

/** 'jfsc': marks the file as ours. */
export const applicationId = 0x6a667363

export const migrations: readonly string[] = [
  `
  -- One installation of a client of one peer. Never more than a few dozen for a peer.
  create table device (
    id      integer primary key,
    peer    text    not null, -- bare JID
    device  text    not null, -- SHA-256 of the certificate, 64 hex digits
    jid     text,             -- full JID under which it is logged in, as far as we know
    seen    integer not null, -- last login, UTC in ms
    unique (peer, device)
  ) strict;
  create index device_logged_in on device (jid) where jid is not null;

  -- An offer or request, as its author said it.
  create table offer (
    id          integer primary key,
    author      integer not null references device (id),
    author_peer text    not null, -- bare JID: the author's name for it is unique for the peer
    name        text    not null, -- the id that the author gave it
    kind        text    not null check (kind in ('offer', 'request')),
    recipient   text    not null, -- bare JID
    resource    text,             -- if it is for one resource of the recipient
    digest      text    not null, -- of what was said, to tell a repeat from something else
    payload     text    not null, -- the element, without what is stamped on delivery
    made        integer not null, -- UTC in ms
    ends        integer not null, -- UTC in ms: the end of the proposal
    due         integer,          -- UTC in ms: when to look at it again; null while transfers of it run
    open        integer not null, -- whether devices that log in later get it
    pending     integer not null, -- whether nobody has said yes or no: counts against the author
    state       text    not null, -- JSON of protocol/mediation/offer.ts
    unique (author_peer, name)
  ) strict;
  create index offer_due on offer (due) where due is not null;
  create index offer_open on offer (recipient) where open = 1;
  create index offer_pending on offer (recipient, author_peer) where pending = 1;
  create index offer_pending_by_author on offer (author_peer) where pending = 1;
  create index offer_author on offer (author);

  -- An offer or request, delivered to one device.
  create table transfer (
    sid       text    primary key, -- 32 hex digits, random
    offer     integer not null references offer (id) on delete cascade,
    recipient integer not null references device (id),
    phase     text    not null,
    due       integer, -- UTC in ms: when to give up on it; null unless it runs
    awaits    integer references device (id), -- whose return the receiving side is to be told
    state     text    not null, -- JSON of protocol/mediation/transfer.ts
    unique (offer, recipient)
  ) strict, without rowid;
  create index transfer_due on transfer (due) where due is not null;
  create index transfer_awaits on transfer (awaits) where awaits is not null;
  create index transfer_recipient on transfer (recipient);

  -- What is to be delivered to a device, in the order of id; a row goes when the device has answered.
  create table outbox (
    id      integer primary key autoincrement,
    device  integer not null references device (id),
    offer   integer not null references offer (id) on delete cascade,
    sid     text,             -- null: about the offer as a whole
    payload text    not null  -- the element, without addresses and tokens
  ) strict;
  create index outbox_device on outbox (device, id);
  create index outbox_offer on outbox (offer);
  `,
  `
  -- What an author may have going on is bounded, not only what nobody has answered yet.
  alter table offer add column unfinished integer not null default 1; -- whether anything may still come of it
  update offer set unfinished = 0 where open = 0 and due is not null;
  drop index offer_pending_by_author;
  create index offer_unfinished on offer (author_peer) where unfinished = 1;

  -- Of some words only the latest is worth delivering: 'append', 'ready'.
  alter table outbox add column latest text;
  create index outbox_latest on outbox (device, sid, latest) where latest is not null;
  `,
  `
  -- Whom a peer blocks: bare JIDs and domains. What they propose is brought to none of the peer's devices.
  create table block (
    peer    text not null, -- bare JID
    blocked text not null, -- bare JID or domain
    primary key (peer, blocked)
  ) strict, without rowid;
  `,
  `
  -- With whom a peer has had to do of his own accord: no number of strangers keeps those from offering him something.
  create table acquaintance (
    peer  text    not null, -- bare JID
    other text    not null, -- bare JID
    last  integer not null, -- UTC in ms, to about a day
    primary key (peer, other)
  ) strict, without rowid;
  insert or ignore into acquaintance (peer, other, last) select author_peer, recipient, made from offer;
  insert or ignore into acquaintance (peer, other, last)
    select recipient, author_peer, made from offer where kind = 'offer' and state like '%"accepted":true%';
  `,
  `
  -- Transfers lie in the order of their offers, so that those that run lie together, however many have ended: by sid each was somewhere
  -- else, and each word rewrote a page of its own.
  create table transfer_in_order (
    offer     integer not null references offer (id) on delete cascade,
    recipient integer not null references device (id),
    sid       text    not null, -- 32 hex digits, random
    phase     text    not null,
    due       integer, -- UTC in ms: when to give up on it; null unless it runs
    awaits    integer references device (id), -- whose return the receiving side is to be told
    state     text    not null, -- JSON of protocol/mediation/transfer.ts
    primary key (offer, recipient)
  ) strict, without rowid;
  insert into transfer_in_order (offer, recipient, sid, phase, due, awaits, state)
    select offer, recipient, sid, phase, due, awaits, state from transfer order by offer, recipient;
  drop table transfer;
  alter table transfer_in_order rename to transfer;
  create unique index transfer_sid on transfer (sid);
  create index transfer_due on transfer (due) where due is not null;
  create index transfer_awaits on transfer (awaits) where awaits is not null;
  create index transfer_recipient on transfer (recipient);
  `,
  `
  -- What the clock said, so that a start sees whether it was set meanwhile.
  create table clock (
    id integer primary key check (id = 1),
    at integer not null -- UTC in ms, to about an hour
  ) strict;
  `,
]
