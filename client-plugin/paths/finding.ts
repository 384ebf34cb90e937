/**
 * What the account's own server offers beside itself: proxies for bytestreams (XEP-0065) among its items (XEP-0030), STUN
 * and TURN over TCP among its external services (XEP-0215).
 *
 * Rules: only one's own server is asked, and nobody else is ever contacted for it; all is bounded; what does not answer in
 * time is not there; and what it names is left out where it is inside a network that the server itself is not in
 * (protocol/server-hosts.ts).
 */

import { serverHostFault } from '../../protocol/server-hosts.js'
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
import { request, serverAddress, type XmppEntity } from '../../wire/index.js'
import { addressesOf, type Resolved } from './resolving.js'

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
  /** IP literals; none where it is at no address that is contacted. */
  ips: readonly string[]
  port: number
  /** Why there is no address. */
  fault?: string
}

export interface Services {
  stun: readonly { ips: readonly string[]; port: number; fault?: string }[]
  turn: readonly Turn[]
}

/** A TURN server that takes connections by TCP. */
export interface Turn {
  ips: readonly string[]
  port: number
  fault?: string
  username: string
  password: string
  /** ms since 1970, by the server's clock; undefined where they stay good. */
  expires: number | undefined
}

type Ask = (to: string, payload: Element) => Promise<Element>

/** Which addresses there are of a host that the server names, as far as they may be contacted. */
type Resolve = (host: string, port: number) => Promise<Resolved>

function resolving(entity: XmppEntity): Resolve {
  const stream = serverAddress(entity)
  return (host, port) => addressesOf(host, (ip) => serverHostFault({ ip, port }, stream))
}

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
  const resolve = resolving(entity)
  const found = await Promise.all(jids.map((jid) => addressesOfProxy(ask, resolve, jid)))
  return usableFirst(found.flat()).slice(0, most)
}

/** What can be contacted goes before what is known only so that it can be told. */
const usableFirst = <T extends { ips: readonly string[] }>(all: readonly T[]): T[] =>
  [...all].sort((a, b) => Math.sign(b.ips.length) - Math.sign(a.ips.length))

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
async function addressesOfProxy(ask: Ask, resolve: Resolve, jid: string): Promise<StreamProxy[]> {
  try {
    const all = readStreamHosts(await ask(jid, askStreamHosts()))
    const hosts = all.filter((host) => bareJid(host.jid) === jid)
    const known = hosts.slice(0, most).map(async ({ jid, host, port }) => {
      // Its port has a rule of its own, which the other side keeps as well (`relayFault`).
      return { jid, port, ...(await resolve(host, usualPort)) }
    })
    return await Promise.all(known)
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
  const resolve = resolving(entity)
  const [stun, turn] = await Promise.all([
    Promise.all(asked.map((one) => placeOf(resolve, one))),
    Promise.all(turns.map((one) => turnOf(ask, resolve, server, one))),
  ])
  return { stun: usableFirst(stun), turn: usableFirst(turn.filter((one) => one !== undefined)) }
}

async function placeOf(resolve: Resolve, { host, port = usualPort }: ExternalService) {
  return { port, ...(await resolve(host, port)) }
}

async function turnOf(
  ask: Ask,
  resolve: Resolve,
  server: string,
  service: ExternalService,
): Promise<Turn | undefined> {
  const [place, { username, password, expires }] = await Promise.all([
    placeOf(resolve, service),
    withCredentials(ask, server, service),
  ])
  if (username === undefined || password === undefined) return undefined
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
