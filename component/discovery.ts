/**
 * What the component says it is: XEP-0030 with the forms of XEP-0128, XEP-0092, and XEP-0202. Who may not use the catalogue is
 * not told of it.
 */

import {
  type Element,
  maxAdds,
  maxFiles,
  maxFilesize,
  maxPublishBytes,
  maxRemoves,
  maxShares,
  maxWatches,
  nsCatalogue,
  nsDiscoInfo,
  nsDiscoItems,
  nsPing,
  nsTime,
  nsTransfer,
  nsVersion,
  pageBytes,
  writeTime,
} from '../schemas/index.js'
import { writeDiscoInfo } from '../schemas/xep/disco-info.js'
import { writeVersion } from '../schemas/xep/version.js'
import { answer, Refused, type XmppEntity } from '../wire/index.js'
import type { CatalogueConfig, ComponentLimits } from './config/config.js'
import type { Access } from './desk/access.js'
import type { Gate } from './limits/gate.js'
import { maxStanzaBytes } from './limits/largest.js'
import { type StockNodes, stockFeatures } from './stock/index.js'

export interface DiscoveryOptions {
  gate: Gate
  limits: ComponentLimits
  catalogue: CatalogueConfig
  access: Access
  version: string
  /** UTC in ms. */
  clock: () => number
  /** What is asked of nodes, and what the component has. */
  nodes: StockNodes
}

/** Registers the answers. */
export function answerDiscovery(entity: XmppEntity, options: DiscoveryOptions): void {
  const { gate, limits, catalogue, access, version, clock, nodes } = options
  const transferForm = {
    formType: nsTransfer,
    fields: {
      'max-file-size': [String(maxFilesize)],
      'max-files': [String(maxFiles)],
      'max-pending-per-peer': [String(limits.pendingPerPair)],
      'max-pending-for-peer': [String(limits.pendingPerRecipient)],
      'max-stanza': [String(maxStanzaBytes)],
    },
  }
  const catalogueForm = {
    formType: nsCatalogue,
    fields: {
      'max-shares': [String(maxShares)],
      'max-entries': [String(catalogue.entriesPerPeer)],
      'max-adds': [String(maxAdds)],
      'max-removes': [String(maxRemoves)],
      'max-publication': [String(maxPublishBytes)],
      'max-watches': [String(maxWatches)],
      'max-page': [String(pageBytes)],
    },
  }
  const features = [nsDiscoInfo, nsDiscoItems, nsPing, nsTime, nsVersion, nsTransfer]
  const info = (from: string, node?: string) => {
    const isServed = access.allows(from)
    const about = {
      identities: [{ category: 'store', type: 'file', name: 'jabberFS' }],
      features: isServed ? [...features, nsCatalogue, ...stockFeatures] : features,
      forms: isServed ? [transferForm, catalogueForm] : [transferForm],
    }
    return writeDiscoInfo(about, node)
  }
  answer(entity, {
    type: 'get',
    ns: nsDiscoInfo,
    name: 'query',
    handle: (payload, { from }) => {
      const { node } = payload.attrs
      // Some ask for no node by an empty one, and are told so again (XEP-0030, 3.2).
      if (node) return nodes.info(from, node)
      gate.pass(from)
      return info(from, node)
    },
  })
  answer(entity, {
    type: 'get',
    ns: nsDiscoItems,
    name: 'query',
    handle: (payload, { from }) => nodes.items(from, payload),
  })
  const of = (ns: string, name: string, write: (from: string) => Element) =>
    answer(entity, {
      type: 'get',
      ns,
      name,
      handle: (payload, { from }) => {
        gate.pass(from)
        if (payload.attrs.node) throw Refused.by('not-found')
        return write(from)
      },
    })
  of(nsVersion, 'query', () => writeVersion({ name: 'jabberFS', version }))
  of(nsTime, 'time', () => writeTime(new Date(clock())))
}
