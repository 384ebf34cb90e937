/** Looking through a peer's shares as through folders (docs/catalogue.md, "Browsing"). */

import { type Codec, mapped, record, type ValueOf } from '../codec.js'
import { attribute, child, type Described, flag, many, optional } from '../fields.js'
import { Malformed } from '../malformed.js'
import type { Value } from '../values.js'
import { maxPage, pageShown, pageWish } from '../xep/rsm.js'
import { type Entry, listed, listedLine } from './entry.js'
import { inscribed } from './inscribed.js'
import { lineOf, linesOf } from './lines.js'
import { once } from './page.js'
import { countValue, ns, pathValue, peerAttribute, shareAttribute } from './words.js'

const browseShape = {
  peer: peerAttribute,
  /** Without it, the peer's shares are listed. */
  share: optional(shareAttribute),
  /** A folder in the share; without it, the share's first. */
  path: optional(child('path', pathValue)),
  /** All files below, and no folders. */
  deep: flag('deep'),
  /** A listing may be in lines. */
  lines: optional(flag('lines')),
  page: pageWish,
}

/** `browse`: what has this peer in there? */
export type Browse = Described<typeof browseShape>

function rooted(question: Browse): Browse {
  if (question.share === undefined && (question.path !== undefined || question.deep)) {
    throw new Malformed('@share', 'missing')
  }
  return question
}

export const browse: Codec<Browse> = mapped(record('browse', ns, browseShape), rooted, rooted)

/** A folder in a listing, and how many files are below it. */
const folderShape = { files: attribute('n', countValue) }
export const folder = inscribed('folder', 'path', pathValue, folderShape)
export type Folder = ValueOf<typeof folder>

const plainFolderLine = lineOf('path', pathValue, folderShape)
/** A folder or a file of a listing as a line: that of a folder begins with a slash. */
export const listingLine: Value<Folder | Entry> = {
  read: (text) => (text.startsWith('/') ? plainFolderLine.read(text.slice(1)) : listedLine.read(text)),
  write: (item) => ('files' in item ? `/${plainFolderLine.write(item)}` : listedLine.write(item)),
}

const listingShape = {
  folders: many(once(folder), { min: 0, max: maxPage }),
  files: many(once(listed), { min: 0, max: maxPage }),
  /** Instead of both, if that was wished for. */
  lines: optional(child('lines', linesOf(listingLine))),
  page: pageShown,
}

/** `listing`: folders, then files, each by path; paths are below the one that was asked for. */
export type Listing = Described<typeof listingShape>

function inOneForm(answer: Listing): Listing {
  if (answer.lines !== undefined && answer.folders.length + answer.files.length > 0) {
    throw new Malformed('lines', 'contradicts file')
  }
  return answer
}

export const listing: Codec<Listing> = mapped(record('listing', ns, listingShape), inOneForm, inOneForm)
