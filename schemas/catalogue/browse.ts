/** Looking through a peer's shares as through folders (docs/catalogue.md, "Browsing"). */

import { type Codec, mapped, record, type ValueOf } from '../codec.js'
import { attribute, child, type Described, flag, many, optional } from '../fields.js'
import { Malformed } from '../malformed.js'
import { maxPage, pageShown, pageWish } from '../xep/rsm.js'
import { listed } from './entry.js'
import { inscribed } from './inscribed.js'
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
export const folder = inscribed('folder', 'path', pathValue, { files: attribute('n', countValue) })
export type Folder = ValueOf<typeof folder>

const listingShape = {
  folders: many(once(folder), { min: 0, max: maxPage }),
  files: many(once(listed), { min: 0, max: maxPage }),
  page: pageShown,
}

/** `listing`: folders, then files, each by path; paths are below the one that was asked for. */
export type Listing = Described<typeof listingShape>
export const listing: Codec<Listing> = record('listing', ns, listingShape)
