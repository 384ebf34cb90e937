/** Saved searches (docs/catalogue.md, "Watching"): the component tells when something new matches; nobody polls. */

import { type Codec, mapped, record } from '../codec.js'
import { attribute, type Described, many } from '../fields.js'
import { criteria, hit, sought } from './search.js'
import { countValue, ns, watchIdValue } from './words.js'

/** Saved searches of one device. */
export const maxWatches = 32
/** New matches that one notification shows; the rest is a number. */
export const maxMatched = 8

const id = attribute('id', watchIdValue)
const watchShape = { id, ...criteria }

/** `watch`: tell me when something new is like this. Said again with the same id, it replaces. */
export type Watch = Described<typeof watchShape>
export const watch: Codec<Watch> = mapped(record('watch', ns, watchShape), sought, sought)

const unwatchShape = { id }

/** `unwatch`: no longer. */
export type Unwatch = Described<typeof unwatchShape>
export const unwatch: Codec<Unwatch> = record('unwatch', ns, unwatchShape)

/** `watches`: which searches has this device saved? */
export type Watches = Record<never, never>
export const watches: Codec<Watches> = record('watches', ns, {})

const listShape = { watches: many(watch, { min: 0, max: maxWatches }) }

/** `watch-list`: the answer. */
export type WatchList = Described<typeof listShape>
export const watchList: Codec<WatchList> = record('watch-list', ns, listShape)

const matchedShape = {
  id,
  /** Matches beside those shown. */
  more: attribute('more', countValue),
  hits: many(hit, { min: 1, max: maxMatched }),
}

/** `matched`: the component to the device; the device's `result` means that it was heard. */
export type Matched = Described<typeof matchedShape>
export const matched: Codec<Matched> = record('matched', ns, matchedShape)
