/** What the component says it is: XEP-0030 with the form of XEP-0128, and XEP-0092. */

import {
  type Element,
  maxFiles,
  maxFilesize,
  nsDiscoInfo,
  nsDiscoItems,
  nsPing,
  nsTransfer,
  nsVersion,
} from '../schemas/index.js'
import { writeDiscoInfo } from '../schemas/xep/disco-info.js'
import { writeDiscoItems } from '../schemas/xep/disco-items.js'
import { writeVersion } from '../schemas/xep/version.js'
import { answer, Refused, type XmppEntity } from '../wire/index.js'
import type { ComponentLimits } from './config/config.js'
import type { Gate } from './limits/gate.js'

/** The longest stanza of ours that a client should send, in bytes: what any server lets through. */
const maxStanzaBytes = 49_152

/** Registers the answers. There are no nodes. */
export function answerDiscovery(
  entity: XmppEntity,
  gate: Gate,
  limits: ComponentLimits,
  version: string,
): void {
  const info = () =>
    writeDiscoInfo({
      identities: [{ category: 'store', type: 'file', name: 'jabberFS' }],
      features: [nsDiscoInfo, nsDiscoItems, nsPing, nsVersion, nsTransfer],
      forms: [
        {
          formType: nsTransfer,
          fields: {
            'max-file-size': [String(maxFilesize)],
            'max-files': [String(maxFiles)],
            'max-pending-per-peer': [String(limits.pendingPerPair)],
            'max-pending-for-peer': [String(limits.pendingPerRecipient)],
            'max-stanza': [String(maxStanzaBytes)],
          },
        },
      ],
    })
  const of = (ns: string, write: () => Element) =>
    answer(entity, {
      type: 'get',
      ns,
      name: 'query',
      handle: (payload, { from }) => {
        gate.pass(from)
        if (payload.attrs.node !== undefined) throw Refused.by('not-found')
        return write()
      },
    })
  of(nsDiscoInfo, info)
  of(nsDiscoItems, () => writeDiscoItems([]))
  of(nsVersion, () => writeVersion({ name: 'jabberFS', version }))
}
