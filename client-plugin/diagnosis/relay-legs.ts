/** The legs `outer-address`, `proxy` and `turn`: what one’s own server gives for paths, tried with oneself at both ends. */

import { seenFromOutside, TrialFailed, tryProxy, tryTurn } from '../../link/trial/index.js'
import { isLoopback, parseAddress } from '../../protocol/addresses.js'
import { relayFault } from '../../protocol/candidates.js'
import { proxyOffers } from '../paths/proxy-offer.js'
import { type Ground, legMs, notConnected, type Said } from './ground.js'
import { proxyHint, turnHint } from './hints.js'

/** What a server says that is on this very machine is nothing about how others see it. */
export const isHere = (ip: string): boolean => {
  const address = parseAddress(ip)
  return address !== undefined && isLoopback(address)
}

export const onThisMachine = (what: string): Said => ({
  verdict: 'skipped',
  says: `Not tried: the ${what} server is on this very machine.`,
})

/** What the server names is where it is not to be contacted (protocol/server-hosts.ts). */
function notContacted(what: string, fault: string | undefined): Said {
  const isUnknown = fault === 'unknown-host'
  return {
    verdict: 'fails',
    says: isUnknown
      ? `The ${what} has a name that leads to no address from here.`
      : `The ${what} is named at an address or port that is not contacted (${fault}).`,
    todo: isUnknown
      ? 'Ask the operator for a name that DNS knows.'
      : 'Ask the operator to name a public address: a server must not have its users knock inside their own networks.',
  }
}

const trialOf = ({ signal }: Ground) => ({ timeoutMs: legMs, signal })
const reasonOf = (error: unknown): string => (error instanceof TrialFailed ? error.message : 'failed')

/** How this machine looks from outside. */
export async function outerAddress(ground: Ground): Promise<Said> {
  if (ground.server === undefined) return notConnected
  const { path } = ground.settings
  if (path === 'relay') {
    return {
      verdict: 'skipped',
      says: 'Not asked, since nobody is to be told an address of this device (`path: relay`).',
    }
  }
  const named = (await ground.services)?.stun ?? []
  const servers = named.flatMap(({ ips, port }) => ips.map((ip) => ({ ip, port })))
  if (servers.length === 0 && named[0] !== undefined) return notContacted('STUN service', named[0].fault)
  if (servers.length === 0) {
    const says =
      'The server names no STUN service that takes TCP: how this device looks from outside is not known.'
    return { verdict: 'absent', says, todo: 'A TURN server answers that, too: see there.' }
  }
  if (servers.every(({ ip }) => isHere(ip))) return onThisMachine('STUN')
  try {
    const seen = await seenFromOutside(servers, trialOf(ground))
    const { outer, isOwn, keepsPort, sameForAll } = seen
    const facts = { ip: outer.ip, isOwn, keepsPort, ...(sameForAll !== undefined && { sameForAll }) }
    if (isOwn)
      return {
        verdict: 'works',
        says: 'This device has a public address of its own: no router translates it.',
        facts,
      }
    if (sameForAll === false || (sameForAll === undefined && !keepsPort)) {
      const says =
        'A router translates this device’s address, and takes another port for each connection (a “symmetric” NAT).'
      const todo = 'Where the other side has one too, only a mapped port or a relay helps.'
      return { verdict: 'weak', says, todo, facts }
    }
    return {
      verdict: 'works',
      says: 'A router translates this device’s address, and keeps its ports.',
      facts,
    }
  } catch (error) {
    const says = `The STUN service does not answer (${reasonOf(error)}).`
    return {
      verdict: 'fails',
      says,
      todo: 'Ask the operator to check that it runs, and that its TCP port is open.',
    }
  }
}

const onlyDirect: Said = {
  verdict: 'skipped',
  says: 'Not tried, since nobody else’s machine is to be used (`path: direct`).',
}

/** The server’s SOCKS5 proxy. */
export async function proxy(ground: Ground): Promise<Said> {
  const { server, entity, settings, signal } = ground
  if (server === undefined) return notConnected
  if (settings.path === 'direct') return onlyDirect
  const proxies = await ground.proxies
  const [first] = proxies ?? []
  if (first === undefined) {
    const says = 'The server has no SOCKS5 bytestreams proxy that can be used.'
    return { verdict: 'absent', says, todo: proxyHint(await ground.software, server) }
  }
  const { jid, ips, port } = first
  if (ips.length === 0) return notContacted(`proxy ${jid}`, first.fault)
  const facts = { jid, ip: ips[0]!, port }
  const offers = proxyOffers(entity, first, String(entity.jid), signal, () => undefined)
  const faults = ips.map((ip) => relayFault({ kind: 'proxy', ip, port }, settings))
  const usable = offers.filter((_, index) => faults[index] === undefined)
  if (usable.length === 0) {
    const says = `The proxy ${jid} is at an address or port that no device uses (${faults[0]}).`
    return { verdict: 'fails', says, todo: 'Ask the operator to set `proxy65_address`, or its port.', facts }
  }
  let why = ''
  for (const offer of usable) {
    try {
      await tryProxy(offer, trialOf(ground))
      return {
        verdict: 'works',
        says: `Through the proxy ${jid} this device reaches itself: bytes pass.`,
        facts,
      }
    } catch (error) {
      why ||= reasonOf(error)
    }
  }
  const todo = `Ask the operator to check that the name ${jid} leads to the server, and that TCP port ${port} is open.`
  return { verdict: 'fails', says: `The proxy ${jid} does not work (${why}).`, todo, facts }
}

/** The server’s TURN server. */
export async function turn(ground: Ground): Promise<Said> {
  if (ground.server === undefined) return notConnected
  if (ground.settings.path === 'direct') return onlyDirect
  const services = await ground.services
  const [first] = services?.turn ?? []
  if (first === undefined) {
    const says = 'The server names no TURN server that takes TCP.'
    return { verdict: 'absent', says, todo: turnHint(await ground.software) }
  }
  const { ips, port, username, password } = first
  if (ips.length === 0) return notContacted('TURN server', first.fault)
  const facts = { ip: ips[0]!, port }
  try {
    const tried = await tryTurn({ ip: ips[0]!, port, username, password }, trialOf(ground))
    const fault = relayFault({ kind: 'turn', ...tried.relayed }, ground.settings)
    if (fault !== undefined) {
      const todo = 'Ask the operator to set `external-ip` and `min-port` of coturn.'
      return {
        verdict: 'fails',
        says: `The TURN server relays at an address or port that no device uses (${fault}).`,
        todo,
        facts,
      }
    }
    if (tried.plainly)
      return {
        verdict: 'works',
        says: 'Through the TURN server this device reaches itself: bytes pass.',
        facts,
      }
    const says =
      'The TURN server works between two of its own users only; nobody else comes in at its relayed ports.'
    const todo =
      'Ask the operator to open the ports that coturn relays at (49152 to 65535, TCP) to the world.'
    return { verdict: 'weak', says, todo, facts }
  } catch (error) {
    const says = `The TURN server does not work (${reasonOf(error)}).`
    const todo =
      'Ask the operator to check that coturn runs, takes TCP (no `no-tcp-relay`), and has the server’s secret.'
    return { verdict: 'fails', says, todo, facts }
  }
}
