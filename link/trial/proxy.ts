/** A SOCKS5 bytestreams proxy (XEP-0065), with oneself at both ends. */

import type { ProxyOffer } from '../gathering.js'
import { throughSocks } from '../rungs/socks5.js'
import { passes, type Trial, TrialFailed, within } from './trial.js'

/** Both connections, the activation, and bytes in both directions. @throws TrialFailed */
export function tryProxy(offer: ProxyOffer, trial: Trial): Promise<void> {
  return within(trial, async (signal, closing) => {
    const open = async () => {
      const socket = await throughSocks(offer, offer.dst, { timeoutMs: trial.timeoutMs, signal }).catch(
        (error: Error) => {
          throw new TrialFailed(error.message, { cause: error })
        },
      )
      closing(() => socket.destroy())
      return socket
    }
    // The first that comes is taken for the target, the second for whoever activates.
    const target = await open()
    const initiator = await open()
    if ((await offer.activate()) === 'refused') throw new TrialFailed('it does not join two')
    await passes(initiator, target)
  })
}
