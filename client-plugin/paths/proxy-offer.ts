/**
 * One stream at a proxy of our own server, for one attempt (docs/protocol.md, "Paths beyond addresses"; XEP-0065).
 *
 * Rules: the stream's id is new for each attempt and goes to the proxy only, so that nobody can tell the stream's name,
 * `dst`, before it is announced; the proxy is told of nobody but ourselves; only we activate it, and only while the
 * attempt is open. It asks once: whoever has the link asks again while the other side has not come.
 */

import { createHash, randomBytes } from 'node:crypto'
import type { ProxyOffer } from '../../link/index.js'
import { activation } from '../../schemas/index.js'
import { RequestRefused, request, type XmppEntity } from '../../wire/index.js'
import type { StreamProxy } from './finding.js'

/** How long the proxy may take to answer, ms. */
const answerMs = 3_000

/** What proxies say while one of the two is not there: Prosody the second word for ourselves, ejabberd the first for both. */
const notYet: ReadonlySet<string> = new Set(['item-not-found', 'not-allowed'])

/**
 * The offers of a proxy, one for each address of it, all of the same stream.
 * @param own our full JID, which the proxy will see on the activation
 * @param refused told when the proxy will not do it at all, so that it is not offered again for a while
 */
export function proxyOffers(
  entity: XmppEntity,
  { jid, ips, port }: StreamProxy,
  own: string,
  signal: AbortSignal,
  refused: () => void,
): ProxyOffer[] {
  return ips.map((ip) => {
    const sid = randomBytes(16).toString('hex')
    // Initiator and target are both ourselves: who the other is, is no business of the proxy's.
    const dst = createHash('sha1').update(`${sid}${own}${own}`).digest('hex')
    const payload = () => activation.write({ sid, target: own })
    const activate = async (): Promise<'joined' | 'refused'> => {
      try {
        await request(entity, { to: jid, type: 'set', payload: payload(), timeoutMs: answerMs, signal })
        return 'joined'
      } catch (error) {
        if (!(error instanceof RequestRefused) || notYet.has(error.condition)) throw error
        refused()
        return 'refused'
      }
    }
    return { ip, port, dst, activate }
  })
}
