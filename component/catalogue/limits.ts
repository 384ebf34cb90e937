/** What bounds the catalogue. The figures are defaults; the quotas can be configured. */

export interface Quotas {
  devicesPerPeer: number
  sharesPerDevice: number
  entriesPerPeer: number
  /** Of the whole catalogue. */
  entries: number
  searchesPerPeer: number
}

export const defaultQuotas: Quotas = {
  devicesPerPeer: 16,
  sharesPerDevice: 64,
  entriesPerPeer: 200_000,
  entries: 12_000_000,
  searchesPerPeer: 32,
}

/** Adds and removes of one change at most. */
export const maxChange = 1_000
/** Tags of an entry or a share at most, and units of one. */
export const maxTags = 16
export const maxTagLength = 64
/** JIDs that a share is listed for at most. */
export const maxListed = 256
/** 16 TiB. */
export const maxSize = 2 ** 44
/** Rows removed in one transaction, so that nobody waits long behind it. */
export const removalSlice = 100
/** How long a registration lives without a login, in ms. */
export const timeToLive = 30 * 24 * 3_600_000

/** Items of a frozen result at most: ten pages of those that fit in one stanza, and each costs 10 µs to rank. */
export const maxFrozen = 500
/** How long a result stays frozen, in ms. */
export const frozenFor = 120_000
/** Items of a page at most. */
export const maxPage = 100
/** Words that one prefix or part stands for at most. */
export const maxExpansion = 64
/** Sources that are counted of one hit; there may be more. */
export const countedSources = 250
/** Sources that are looked at to rank a content. */
export const rankedSources = 32
/** How long a query may run, in ms, and how much longer its thread may be silent. */
export const queryDeadline = 1_000
export const threadGrace = 500
