/**
 * The catalogue for clients that have never heard of it: searched by a form, browsed as a tree, looked after by commands
 * (docs/catalogue.md, "Stock clients"). Whoever asks is known by his bare JID: none of this needs a login.
 */

import {
  type Element,
  type Identity,
  nsCommands,
  nsDataForms,
  nsDiscoInfo,
  nsDiscoItems,
  nsFileSharing,
  nsRegister,
  nsRsm,
  nsSearch,
  writeDiscoItems,
} from '../../schemas/index.js'
import { writeDiscoInfo } from '../../schemas/xep/disco-info.js'
import { answer, type Handle, Refused, type XmppEntity } from '../../wire/index.js'
import { later, toSay } from '../desk/refusing.js'
import { type Administration, adminCommands } from './admin-commands.js'
import { filesOf, itemsOf } from './browsing.js'
import { Commands } from './commands.js'
import { admitted, type StockMeans } from './means.js'
import { ownCommands, type TransfersOfPeers } from './own-commands.js'
import { isFile, placeAt } from './places.js'
import { changeRegistration, registrationOf } from './registration.js'
import { formFor, searchFor } from './searching.js'

export type { StockMeans } from './means.js'

/** What the component announces for it. */
export const stockFeatures = [nsSearch, nsRegister, nsCommands, nsFileSharing, nsDataForms, nsRsm] as const

export interface StockOptions extends StockMeans {
  admins: readonly string[]
  transfers: TransfersOfPeers
  administration: Administration
}

/** What discovery asks about nodes, and about what there is. */
export interface StockNodes {
  /** `disco#items`, of a node or of the component. @throws Refused, Malformed */
  items(from: string, query: Element): Promise<Element>
  /** `disco#info` of a node. @throws Refused */
  info(from: string, node: string): Promise<Element>
}

/** Answers on this entity all that stock clients ask, but for discovery, which asks what is returned. */
export function openStock(entity: XmppEntity, options: StockOptions): StockNodes {
  const { transfers, administration, admins } = options
  const means: StockMeans = options
  const all = [...ownCommands(means, transfers), ...adminCommands(means, administration)]
  const commands = new Commands(means, all, admins)
  const on = (
    type: 'get' | 'set',
    ns: string,
    name: string,
    handle: (from: string, payload: Element) => ReturnType<Handle>,
  ) => answer(entity, { type, ns, name, handle: (payload, { from }) => said(() => handle(from, payload)) })
  on('get', nsSearch, 'query', (from) => formFor(means, from))
  on('set', nsSearch, 'query', (from, query) => searchFor(means, from, query))
  on('get', nsFileSharing, 'query', (from, query) => filesOf(means, from, query))
  on('get', nsRegister, 'query', (from) => registrationOf(means, from))
  on('set', nsRegister, 'query', (from, query) => changeRegistration(means, from, query))
  on('set', nsCommands, 'command', (from, payload) => commands.say(from, payload))
  return {
    items: (from, query) =>
      said(() => {
        const { node } = query.attrs
        // Whom the catalogue is not for sees a component that has nothing.
        if (!node && !means.access.allows(from)) {
          means.gate.pass(from)
          return writeDiscoItems([], node)
        }
        return node === nsCommands ? commands.list(from) : itemsOf(means, from, query)
      }),
    info: (from, node) => said(() => infoOf(means, commands, from, node)),
  }
}

async function said<T>(handle: () => Promise<T> | T): Promise<T> {
  try {
    return await handle()
  } catch (error) {
    throw toSay(error)
  }
}

async function infoOf(means: StockMeans, commands: Commands, from: string, node: string): Promise<Element> {
  const asker = admitted(means, from, 'browse')
  if (node === nsCommands) {
    return info(node, { category: 'automation', type: 'command-list', name: 'Commands' }, [nsDiscoItems])
  }
  const command = commands.named(asker, node)
  if (command !== undefined) {
    const identity = { category: 'automation', type: 'command-node', name: command.name }
    return info(node, identity, [nsCommands, nsDataForms])
  }
  const name = node.slice(node.lastIndexOf('/') + 1)
  const list = await placeAt(means.catalogue, asker, node)
  // Of a share that is there the first page is a matter of a moment, and says whether there is such a folder.
  const first = await list?.({ max: 1 })
  if (first?.kind === 'busy' || first?.kind === 'too-slow') throw later()
  const isPeerAlone = !node.includes('/')
  if (first?.kind === 'ok' && (isPeerAlone || first.items.length > 0 || node.split('/').length === 2)) {
    return info(node, { category: 'hierarchy', type: 'branch', name }, [nsDiscoItems, nsFileSharing])
  }
  if (await isFile(means.catalogue, asker, node))
    return info(node, { category: 'hierarchy', type: 'leaf', name }, [])
  throw Refused.by('not-found')
}

function info(node: string, identity: Identity, features: readonly string[]): Element {
  return writeDiscoInfo({ identities: [identity], features: [nsDiscoInfo, ...features], forms: [] }, node)
}
