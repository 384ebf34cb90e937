/**
 * What the account's own server offers beside itself: proxies for bytestreams (XEP-0065) among its items (XEP-0030), STUN
 * and TURN over TCP among its external services (XEP-0215).
 *
 * Rules: only one's own server is asked, and nobody else is ever contacted for it; all is bounded; what does not answer in
 * time is not there.
 */

import {
  askDiscoInfo,
  askDiscoItems,
  askExternalServices,
  askServiceCredentials,
  askStreamHosts,
  bareJid,
  type Element,
  type ExternalService,
  readDiscoInfo,
  readDiscoItems,
  readExternalServices,
  readStreamHosts,
} from '../../schemas/index.js'
import { request, type XmppEntity } from '../../wire/index.js'
import { addressesOf } from './resolving.js'

/** How long each question may take, ms. */
const answerMs = 4_000
/** Items of the server that are looked at, as in find-component.ts. */
const maxItems = 32
/** Proxies and services of each kind that are of use: a side announces two relays at most. */
const most = 2
/** The port of STUN and TURN where none is said (RFC 8489, 18.6). */
const usualPort = 3478

/** Where a proxy of our server takes connections. */
export interface StreamProxy {
  /** Who activates a stream there. */
  jid: string
  /** IP literals. */
  ips: readonly string[]
  port: number
}

export interface Services {
  stun: readonly { ips: readonly string[]; port: number }[]
  turn: readonly Turn[]
}

/** A TURN server that takes connections by TCP. */
export interface Turn {
  ips: readonly string[]
  port: number
  username: string
  password: string
  /** ms since 1970, by the server's clock; undefined where they stay good. */
  expires: number | undefined
}

type Ask = (to: string, payload: Element) => Promise<Element>

function asking(entity: XmppEntity, signal: AbortSignal): Ask {
  return async (to, payload) => {
    const answer = await request(entity, { to, type: 'get', payload, timeoutMs: answerMs, signal })
    if (answer === undefined) throw new Error('an empty answer')
    return answer
  }
}

/** The server's proxies, at most two. Rejects when the server does not answer at all. */
export async function findProxies(
  entity: XmppEntity,
  server: string,
  signal: AbortSignal,
): Promise<StreamProxy[]> {
  const ask = asking(entity, signal)
  // Prosody has its proxy under the host's own name where it is but switched on, as Debian's file proposes.
  const items = [server, ...readDiscoItems(await ask(server, askDiscoItems())).slice(0, maxItems)]
  const isProxy = await Promise.all(items.map((item) => isProxyThere(ask, item)))
  const jids = items.filter((_, index) => isProxy[index]).slice(0, most)
  const found = await Promise.all(jids.map((jid) => addressesOfProxy(ask, jid)))
  return found.flat().slice(0, most)
}

async function isProxyThere(ask: Ask, item: string): Promise<boolean> {
  try {
    const { identities } = readDiscoInfo(await ask(item, askDiscoInfo()))
    return identities.some(({ category, type }) => category === 'proxy' && type === 'bytestreams')
  } catch {
    return false
  }
}

/**
 * Rejects never: a proxy that says nothing is none. One that names another as its own host is not believed; ejabberd names
 * itself with a resource, and wants to be asked there.
 */
async function addressesOfProxy(ask: Ask, jid: string): Promise<StreamProxy[]> {
  try {
    const all = readStreamHosts(await ask(jid, askStreamHosts()))
    const hosts = all.filter((host) => bareJid(host.jid) === jid)
    const known = hosts.slice(0, most).map(async ({ jid, host, port }) => {
      const ips = await addressesOf(host)
      return { jid, ips, port }
    })
    return (await Promise.all(known)).filter(({ ips }) => ips.length > 0)
  } catch {
    return []
  }
}

/** STUN and TURN, at most two of each. Rejects when the server does not answer at all, or knows no such services. */
export async function findServices(
  entity: XmppEntity,
  server: string,
  signal: AbortSignal,
): Promise<Services> {
  const ask = asking(entity, signal)
  const all = readExternalServices(await ask(server, askExternalServices()))
  const overTcp = all.filter(({ transport }) => transport === 'tcp')
  const turns = overTcp.filter(({ type }) => type === 'turn').slice(0, most)
  const stuns = overTcp.filter(({ type }) => type === 'stun')
  // Whoever relays by TCP answers STUN there too (RFC 5766, 2).
  const asked = [...stuns, ...turns].slice(0, most)
  const [stun, turn] = await Promise.all([
    Promise.all(asked.map(placeOf)),
    Promise.all(turns.map((one) => turnOf(ask, server, one))),
  ])
  return { stun: stun.filter(({ ips }) => ips.length > 0), turn: turn.filter((one) => one !== undefined) }
}

async function placeOf({ host, port }: ExternalService) {
  return { ips: await addressesOf(host), port: port ?? usualPort }
}

async function turnOf(ask: Ask, server: string, service: ExternalService): Promise<Turn | undefined> {
  const [place, { username, password, expires }] = await Promise.all([
    placeOf(service),
    withCredentials(ask, server, service),
  ])
  if (place.ips.length === 0 || username === undefined || password === undefined) return undefined
  return { ...place, username, password, expires: expires === undefined ? undefined : Date.parse(expires) }
}

/** XEP-0215, 3.3: credentials that are not beside the service are asked for by themselves. */
async function withCredentials(ask: Ask, server: string, service: ExternalService): Promise<ExternalService> {
  if (service.password !== undefined) return service
  try {
    const answer = readExternalServices(await ask(server, askServiceCredentials(service)))
    return answer.find(({ type, host }) => type === service.type && host === service.host) ?? service
  } catch {
    return service
  }
}
