/** Shares of a device: there is one, there is none any more, which are there (docs/catalogue.md, "Sharing a folder"). */

import { asElements, held, sharedFolder, shareList } from '../../schemas/index.js'
import type { ShareItem } from '../catalogue/values.js'
import type { AnswerTo } from './asker.js'
import { orderedPage } from './ordered-page.js'
import { granted } from './refusing.js'

/** The answer is how far the share is known: 0 for a new one. */
export const share: AnswerTo<'share'> = async (asker, { id, name, tags, visibility }, { catalogue }) => {
  const settings = { name, tags, visibleTo: visibility }
  const answer = granted(await catalogue.openShare({ ...asker, share: id }, settings))
  return held.write({ share: id, seq: answer.held })
}

export const unshare: AnswerTo<'unshare'> = async (asker, { id }, { catalogue }) => {
  granted(await catalogue.closeShare({ ...asker, share: id }))
  return undefined
}

/** A share as its owner sees it, or as others do. */
export const describedShare = ({ share, name, tags, files, bytes, own }: ShareItem) => ({
  id: share,
  name,
  tags,
  files,
  size: bytes,
  seq: own?.seq,
  visibility: own?.visibleTo as never,
})

/** Those of all devices of the peer. */
export const shares: AnswerTo<'shares'> = async (asker, { page }, { catalogue, marks }) => {
  const { items, given } = await orderedPage({
    asker: asker.peer,
    wanted: page,
    marks,
    measure: asElements(sharedFolder),
    most: 60,
    list: (span) => catalogue.shares(asker.peer, asker.peer, span),
    described: describedShare,
  })
  return shareList.write({ shares: items, page: given })
}
