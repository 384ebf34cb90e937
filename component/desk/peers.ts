/** Who shares something that the asker may see (docs/catalogue.md, "Peers"). */

import { asElements, peerList, sharingPeer } from '../../schemas/index.js'
import type { PeerItem } from '../catalogue/values.js'
import type { AnswerTo } from './asker.js'
import { orderedPage } from './ordered-page.js'

const described = ({ peer, isOnline, shares, files, bytes }: PeerItem) => ({
  peer,
  online: isOnline,
  shares,
  files,
  size: bytes,
})

export const peers: AnswerTo<'peers'> = async ({ peer }, { which, page }, { catalogue, marks }) => {
  const { items, given } = await orderedPage({
    asker: peer,
    wanted: page,
    marks,
    measure: asElements(sharingPeer),
    most: 100,
    list: (span) => catalogue.peers(peer, which, span),
    described,
  })
  return peerList.write({ peers: items, page: given })
}
