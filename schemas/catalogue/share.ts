/** Shares: folders that a device publishes (docs/catalogue.md, "Shares"). */

import { type Codec, record } from '../codec.js'
import { attribute, type Described, many, optional } from '../fields.js'
import { pageShown, pageWish } from '../xep/rsm.js'
import { visibility } from './visibility.js'
import {
  countValue,
  leaf,
  maxTags,
  ns,
  seqValue,
  shareIdValue,
  shareNameValue,
  sizeValue,
  tagValue,
} from './words.js'

/** Shares of one device. */
export const maxShares = 64

const id = attribute('id', shareIdValue)
const name = attribute('name', shareNameValue)
const tags = many(leaf('tag', tagValue), { min: 0, max: maxTags })

const shareShape = { id, name, tags, visibility }

/** `share`: there is such a share, with this name, these tags, for these. Said again, it changes them. */
export type Share = Described<typeof shareShape>
export const share: Codec<Share> = record('share', ns, shareShape)

const unshareShape = { id }

/** `unshare`: it is no more, and nor are its entries. */
export type Unshare = Described<typeof unshareShape>
export const unshare: Codec<Unshare> = record('unshare', ns, unshareShape)

const describedShape = {
  id,
  name,
  /** Entries in it. */
  files: attribute('files', countValue),
  /** Bytes in it. */
  size: optional(attribute('size', sizeValue)),
  /** Only to its own peer: the last change that is held. */
  seq: optional(attribute('seq', seqValue)),
  tags,
  /** Only to its own peer. */
  visibility: optional(visibility),
}

/** A share as it stands in a list. */
export type SharedFolder = Described<typeof describedShape>
export const sharedFolder: Codec<SharedFolder> = record('share', ns, describedShape)

const sharesShape = { page: pageWish }

/** `shares`: which shares have I, over all my devices? */
export type Shares = Described<typeof sharesShape>
export const shares: Codec<Shares> = record('shares', ns, sharesShape)

const listShape = { shares: many(sharedFolder, { min: 0, max: 100 }), page: pageShown }

/** `share-list`: the answer, also to a `browse` of a peer. */
export type ShareList = Described<typeof listShape>
export const shareList: Codec<ShareList> = record('share-list', ns, listShape)
