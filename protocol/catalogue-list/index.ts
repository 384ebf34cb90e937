/**
 * The whole list of a share, as it goes over a link (docs/catalogue.md, "The whole list"). Text in UTF-8, one line a
 * record, fields parted by tabs; the text is deflated (RFC 1950), which is the caller's business.
 *
 * - Pure: bytes in, entries out.
 * - Folders and the names in them ascend, so that nothing can come twice.
 * - What a list may be, packed and unpacked, is bounded here; whoever inflates asks {@link UnpackedSize} as he goes.
 */

export {
  BadList,
  maxListEntries,
  maxPackedBytes,
  maxRatio,
  maxUnpackedBytes,
  UnpackedSize,
} from './bounds.js'
export { byCodePoint, inListOrder } from './order.js'
export { ListReader } from './read.js'
export { type ListHead, writeList } from './write.js'
