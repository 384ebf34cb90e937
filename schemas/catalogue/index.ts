/** The words of the catalogue. */

export { type Blocking, blocking, maxBlockedDomains, maxBlockedPeers } from './blocking.js'
export {
  type Browse,
  browse,
  type Folder,
  folder,
  type Listing,
  listing,
  listingLine,
} from './browse.js'
export { add, type Entry, listed } from './entry.js'
export {
  asElements,
  asLines,
  bytesOf,
  bytesWithin,
  fitting,
  type Measure,
  pageBytes,
  pageBytesInLines,
  writtenAhead,
} from './page.js'
export { type PeerList, type Peers, peerList, peers, type SharingPeer, sharingPeer } from './peers.js'
export { maxAdds, maxPublishBytes, maxRemoves, type Publish, publish } from './publish.js'
export {
  catalogueElements,
  isQuestionName,
  notices,
  type QuestionName,
  type QuestionValues,
  questions,
} from './questions.js'
export {
  type Held,
  held,
  type Register,
  type Registered,
  register,
  registered,
  type Unregister,
  unregister,
} from './register.js'
export {
  type Criteria,
  type Found,
  found,
  type Hit,
  hit,
  hitLine,
  maxTypes,
  type Search,
  search,
} from './search.js'
export {
  maxShares,
  type Share,
  type SharedFolder,
  type ShareList,
  type Shares,
  share,
  sharedFolder,
  shareList,
  shares,
  type Unshare,
  unshare,
} from './share.js'
export { slices } from './slices.js'
export {
  type CatalogueSource,
  type SourceList,
  type Sources,
  source,
  sourceList,
  sources,
} from './sources.js'
export { type CountedTag, countedTag, type TagList, type Tags, tagList, tags } from './tags.js'
export { maxDomains, maxListedPeers, type Visibility } from './visibility.js'
export {
  type Matched,
  matched,
  maxMatched,
  maxWatches,
  type Unwatch,
  unwatch,
  type Watch,
  type Watches,
  type WatchList,
  watch,
  watches,
  watchList,
} from './watch.js'
export {
  maxDepth,
  maxModified,
  maxPath,
  maxSegment,
  maxSeq,
  maxShareName,
  maxTag,
  maxTags,
  maxTtl,
  maxWords,
  pathValue,
  type RegistrationId,
  type ShareId,
  type WatchId,
  type Which,
} from './words.js'
