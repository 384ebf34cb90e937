/**
 * What is said about a file that is offered (docs/protocol.md, "Files"). `filename` and `filesize` are the words of
 * 2002; the rest is named as in XEP-0446. A file with neither a root nor the promise of one can be read: refusing it
 * is the component's business, with a condition of its own.
 */

import { type Codec, mapped, record } from '../codec.js'
import { child, type Described, many, optional } from '../fields.js'
import { Malformed } from '../malformed.js'
import { dateTime, line, pattern, wholeNumber } from '../values.js'
import { contentHash, rootField, rootLaterField } from './hash.js'
import { ns } from './routing.js'

/** The largest size that can be said, in bytes: 16 TiB. */
export const maxFilesize = 2 ** 44
/** Characters of a file's name. */
export const maxFilename = 255
/** Files in one offer. */
export const maxFiles = 64

export const filenameValue = line(maxFilename)
export const filesizeValue = wholeNumber(0, maxFilesize)
/** RFC 6838, 4.2: names of media types; no parameters. */
const mediaTypeValue = pattern(
  /^[A-Za-z0-9][\w!#$&^.+-]{0,126}\/[A-Za-z0-9][\w!#$&^.+-]{0,126}$/,
  'a media type',
)

const shape = {
  filename: child('filename', filenameValue),
  filesize: child('filesize', filesizeValue),
  date: optional(child('date', dateTime)),
  mediaType: optional(child('media-type', mediaTypeValue)),
  /** The root over size and block hashes: what the file is. */
  root: optional(rootField),
  /** Whole-file hashes of other kinds, as an extra. */
  hashes: many(contentHash, { min: 0, max: 4 }),
  /** The root is not known yet. */
  rootLater: rootLaterField,
}

export type FileDescription = Described<typeof shape>

function consistent(file: FileDescription): FileDescription {
  if (file.rootLater && file.root !== undefined) throw new Malformed('hash-used', 'contradicts the hash')
  if (file.hashes.length > 1 && new Set(file.hashes.map((hash) => hash.algo)).size < file.hashes.length) {
    throw new Malformed('hash', 'repeated')
  }
  return file
}

export const file: Codec<FileDescription> = mapped(record('file', ns, shape), consistent, consistent)
