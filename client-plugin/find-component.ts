/** Finds the file transfer component among what the account's own server says it has (XEP-0030). */
import {
  askDiscoInfo,
  askDiscoItems,
  Malformed,
  nsDiscoItems,
  nsTransfer,
  readDiscoInfo,
} from '../schemas/index.js'
import { childElements, isElement } from '../schemas/xml.js'
import { request, type XmppEntity } from '../wire/index.js'

/** Servers list a handful; whoever lists more is not asked through all of it. */
const maxItems = 32

/** What somebody who is named as the component is: one of this protocol; something else that answers; nobody who answers now. */
export type ComponentLook = 'ours' | 'other' | 'silent'

interface Asking {
  /** For each single question, ms; default 5,000. */
  timeoutMs?: number
  signal?: AbortSignal
}

/** Asks whoever has this JID, on whatever server, what it is. Never rejects: who cannot be asked is `silent`. */
export async function lookAtComponent(
  entity: XmppEntity,
  to: string,
  { timeoutMs = 5_000, signal }: Asking = {},
): Promise<ComponentLook> {
  const ask = { to, type: 'get', timeoutMs, ...(signal ? { signal } : {}) } as const
  try {
    const info = await request(entity, { ...ask, payload: askDiscoInfo() })
    return info !== undefined && readDiscoInfo(info).features.includes(nsTransfer) ? 'ours' : 'other'
  } catch (error) {
    return error instanceof Malformed ? 'other' : 'silent'
  }
}

/**
 * @returns the JID of the first item of the server that has our feature, undefined when none has it. An item
 * that does not answer in time counts as having none.
 * @throws RequestFailed, RequestRefused (by their `code`: `timeout`, `disconnected`, …, `refused`) when the server itself does not answer
 */
export async function findComponent(entity: XmppEntity, options: Asking = {}): Promise<string | undefined> {
  const { timeoutMs = 5_000, signal } = options
  const ask = { type: 'get', timeoutMs, ...(signal ? { signal } : {}) } as const
  const server = entity.jid?.domain
  if (server === undefined) return undefined
  const answer = await request(entity, { ...ask, to: server, payload: askDiscoItems() })
  const items =
    answer === undefined
      ? []
      : childElements(answer).filter((child) => isElement(child, 'item', nsDiscoItems))
  const jids = items.map((item) => item.attrs.jid as unknown).filter((jid) => typeof jid === 'string')
  const found = await Promise.all(jids.slice(0, maxItems).map((to) => lookAtComponent(entity, to, options)))
  return jids[found.indexOf('ours')]
}
