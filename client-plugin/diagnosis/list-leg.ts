/** The leg `lists`: the component's port for whole lists of shares, dialled as for one, without bringing one. */

import { FileTransferError } from '../errors.js'
import { type Ground, legMs, notConnected, type Said } from './ground.js'

/** At half of what a stock Prosody takes; a stock ejabberd takes a third. */
const slowly =
  'what is in a large folder is told in small pieces, which takes ten minutes or more for ten thousand files.'

/** Whether a large folder is published at once. */
export async function lists({ server, settings, options, signal }: Ground): Promise<Said> {
  if (server === undefined) return notConnected
  if (settings.path === 'relay') {
    return {
      verdict: 'skipped',
      says: `Not tried, since only relays are to be used (\`path: relay\`): ${slowly}`,
    }
  }
  try {
    const tried = await options.lists.tryOut(legMs, signal)
    if (tried.is === 'busy') {
      const says = 'Not tried, since a list is on its way there, or all places for one are taken.'
      return { verdict: 'skipped', says }
    }
    if (tried.is === 'closed') {
      const says = `The component takes no long lists at a port of its own: ${slowly}`
      const todo = 'Ask its operator to set `list_port` (docs/operating.md, “Long lists”).'
      return { verdict: 'absent', says, todo }
    }
    const facts = { at: tried.at.join(', ') }
    if (tried.is === 'unreached') {
      const says = `The component’s port for long lists is not reached from here: ${slowly}`
      const todo = 'Ask its operator to open `list_port` in the firewall, and to see to `list_announce`.'
      return { verdict: 'weak', says, todo, facts }
    }
    const says = 'The component’s port for long lists is reached: a large folder is published at once.'
    return { verdict: 'works', says, facts }
  } catch (error) {
    const code = error instanceof FileTransferError ? error.code : 'internal'
    if (code === 'component-away') {
      return {
        verdict: 'skipped',
        says: 'Not tried, since the component has not taken our login, or is away.',
      }
    }
    return { verdict: 'weak', says: `The component takes no list of this device (${code}).` }
  }
}
