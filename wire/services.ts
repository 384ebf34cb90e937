/**
 * Where an account's server is (RFC 6120 §3.2, XEP-0368): what the user said, or what DNS says. Stock code also asks
 * for a web page of the domain and waits for that without end.
 */
import type { SrvRecord } from 'node:dns'
import { resolveSrv } from 'node:dns/promises'
import { randomBetween } from './ids.js'
import type { Services } from './supervisor.js'

/** More targets than this are not tried. */
const most = 8

/** One service that is known. */
export const fixed = (service: string | undefined): Services => ({ next: async () => service, count: 1 })

/** The services of a domain by its SRV records, in turn; looked up again when all were tried. */
export function bySrv(
  domain: string,
  resolve: (name: string) => Promise<SrvRecord[]> = resolveSrv,
): Services {
  let found: string[] = []
  let at = 0
  return {
    async next() {
      if (at >= found.length) {
        found = await lookUp(domain, resolve)
        at = 0
      }
      return found[at++]
    },
    get count() {
      return Math.max(1, found.length)
    },
  }
}

async function lookUp(domain: string, resolve: (name: string) => Promise<SrvRecord[]>): Promise<string[]> {
  const records = await Promise.all(
    (['xmpps', 'xmpp'] as const).map(async (scheme) => {
      const list = await resolve(`_${scheme}-client._tcp.${domain}`).catch((): SrvRecord[] => [])
      return list
        .filter(({ name }) => name !== '' && name !== '.')
        .map((record) => ({ ...record, scheme, lot: randomBetween(0, 1 + record.weight) }))
    }),
  )
  const sorted = records.flat().sort((a, b) => a.priority - b.priority || b.lot - a.lot)
  const services = sorted.slice(0, most).map(({ scheme, name, port }) => `${scheme}://${name}:${port}`)
  // RFC 6120 §3.2.2: without records, the domain itself.
  return services.length > 0
    ? services
    : [`xmpp://${domain.includes(':') && !domain.startsWith('[') ? `[${domain}]` : domain}:5222`]
}
