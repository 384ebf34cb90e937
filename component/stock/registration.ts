/**
 * Registration as stock clients know it (XEP-0077): an account may have a place of its own in the catalogue, without a device
 * that shares; `remove` takes back what all devices of the account have published.
 */

import {
  childOf,
  type Element,
  nsDataForms,
  readForm,
  readRegistration,
  writeRegistration,
} from '../../schemas/index.js'
import { granted } from '../desk/refusing.js'
import { admitted, type StockMeans } from './means.js'

/** The place of an account is that of a device under this name, which no device has: theirs are hashes. */
const accountsOwn = 'account'

const instructions =
  'Being registered, you are known here. Folders are shared with a client that can (jabberfs share). ' +
  'Removing the registration takes back everything that your devices share.'

/** Whether somebody is registered. @throws Refused */
export async function registrationOf(means: StockMeans, from: string): Promise<Element> {
  const peer = admitted(means, from, 'browse')
  const { catalogue } = means
  const own = await catalogue.registration({ peer, device: accountsOwn })
  if (own.kind === 'ok') return writeRegistration(true, instructions)
  const { items } = granted(await catalogue.shares(peer, peer, { max: 1 }))
  if (items.length === 0 && own.kind !== 'not-found') granted(own)
  return writeRegistration(items.length > 0, instructions)
}

/** Registers, or takes everything back. @throws Refused, Malformed */
export async function changeRegistration(means: StockMeans, from: string, query: Element): Promise<void> {
  const peer = admitted(means, from, 'register')
  const form = childOf(query, 'x', nsDataForms)
  // Who closes the form wants nothing done (XEP-0004, 3).
  if (form !== undefined && readForm(form).type === 'cancel') return
  const { catalogue } = means
  const device = { peer, device: accountsOwn }
  if (readRegistration(query) === 'remove') {
    const answer = await catalogue.removePeer(peer)
    // Who has nothing here has left already.
    if (answer.kind !== 'not-found') granted(answer)
    return
  }
  const before = await catalogue.registration(device)
  granted(await catalogue.register(device, before.kind === 'ok' ? before.id : undefined))
}
