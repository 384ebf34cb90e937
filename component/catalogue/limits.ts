/** What bounds the catalogue. The figures are defaults; the quotas can be configured. */

export interface Quotas {
  devicesPerPeer: number
  sharesPerDevice: number
  /** Different sets of people that a peer's shares are for: who asks is compared with all that name him or his domain (P17). */
  audiencesPerPeer: number
  entriesPerPeer: number
  /** Of the whole catalogue. */
  entries: number
  watchesPerDevice: number
  /** Of all devices of a peer, also those that nobody knows any more. */
  watchesPerPeer: number
}

export const defaultQuotas: Quotas = {
  devicesPerPeer: 16,
  sharesPerDevice: 64,
  audiencesPerPeer: 64,
  entriesPerPeer: 500_000,
  entries: 12_000_000,
  watchesPerDevice: 32,
  watchesPerPeer: 128,
}

/** Entries that one change adds, and paths that it removes, at most (docs/catalogue.md, 9, as all of these). */
export const maxAdds = 100
export const maxRemoves = 250
/** Entries of a whole list. */
export const maxListEntries = 2_000_000
/** The greatest number of a change. */
export const maxSeq = 2 ** 48
/** Tags of an entry or a share at most, and characters of one. */
export const maxTags = 8
export const maxTagLength = 32
/** Tags that one peer's entries and shares bear, each counted once in a share: who asks for all tags waits for each. */
export const maxTagsOfPeer = 4_096
/** Characters of a share's name. */
export const maxShareName = 128
/** Domains and peers that a share is for at most. */
export const maxDomains = 16
export const maxPeers = 64
/** Types of a search. */
export const maxTypes = 8
/** 16 TiB. */
export const maxSize = 2 ** 44
/** The end of the year 9999, UTC in seconds. */
export const maxModified = 253_402_300_799
/** Hits in one notification of a saved search. */
export const maxMatched = 8
/** Entries of a whole list that are written in one go. */
export const fillSlice = 250
/** Rows removed in one transaction, so that nobody waits long behind it. */
export const removalSlice = 100
/** How long a registration lives without a login, in ms. */
export const timeToLive = 30 * 24 * 3_600_000

/** Items of a frozen result at most. */
export const maxFrozen = 1_000
/** How long a result stays frozen, in ms. */
export const frozenFor = 120_000
/** Items of a page at most. */
export const maxPage = 100
/** Words that one prefix or part stands for at most: those that came first, which are the most frequent mostly. */
export const maxExpansion = 32
/** Sources that are counted of one hit; there may be more. */
export const countedSources = 250
/** Entries of one path that are looked at: they are its sources, as far as ranking cares, and its contents. */
export const entriesOfPath = 64
/** Entries of a content that are looked at for whether somebody could have it already. */
export const entriesHad = 1_000
/** Paths that are looked at for more than a page of results. */
export const pathsLookedAt = 3_000
/** The same for paths that lie apart: each costs a page of names and one of entries; and from how far on they do. */
export const apartLookedAt = 250
export const neighbours = 24
/** Entries of a peer, a tag or a content that are looked at for the best, where no words say which. */
export const entriesLookedAt = 4_000
/** Paths that are looked at in all: where so many do not hold a page of results, it answers with what it has. */
export const pathsAtMost = 4_096
/** Entries of shares that are looked at instead of paths, where few paths fit: of those who are online, or of a tag. */
export const entriesOfShares = 20_000
/** How long a search looks for more, in ms, before it answers with what it has. */
export const searchBudget = 250
/** How long a query may run, in ms, and how much longer its thread may be silent. */
export const queryDeadline = 1_000
export const threadGrace = 500
