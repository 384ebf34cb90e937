/**
 * The port on which a side listens during one attempt, and what it announces for it.
 */

import { type AddressInfo, BlockList, createServer, isIP, isIPv4, type Server, type Socket } from 'node:net'
import { networkInterfaces } from 'node:os'
import { type AddressRule, isLoopback, parseAddress } from '../protocol/addresses.js'
import { announced, candidateFault, type DirectCandidate, isPrivate } from '../protocol/candidates.js'
import { portAllowed } from '../protocol/ports.js'
import { errorCode } from './failure.js'

/** Where to listen. */
export interface ListenOptions {
  /** An IP literal: listen there only, and announce only it. Otherwise on all interfaces. */
  host?: string
  /** The first and last port to try, in turn. Otherwise one that the system chooses. */
  ports?: [number, number]
}

/** A port that listens, with what to announce for it; or why there is none. */
export type Listening =
  | { server: Server; candidates: DirectCandidate[] }
  | { server?: undefined; reason: string }

/** How often the system is asked for another port, when it gives one that peers refuse to dial. */
const systemPortTries = 8

/**
 * Opens the port. It never rejects: that a device cannot listen is an ordinary thing.
 * @param beforehand is told the port just before it listens, since nobody can dial from a port that listens; what it
 *   gives is called if another port is taken after all
 */
export async function openPort(
  options: ListenOptions,
  rule: AddressRule,
  onConnection: (socket: Socket) => void,
  beforehand?: (port: number) => () => void,
): Promise<Listening> {
  if (options.host !== undefined && isIP(options.host) === 0)
    return { reason: 'listen host is no IP address' }
  let reason = 'listen: no port allowed in the range'
  for (const port of portsToTry(options.ports)) {
    const opened = await listen(options.host, port, beforehand)
    if (opened instanceof Error) {
      reason = `listen ${errorCode(opened)}`
      continue
    }
    const candidates = candidatesOf(opened, options.host, rule)
    if (candidates.length > 0) {
      opened.on('connection', onConnection)
      return { server: opened, candidates }
    }
    reason = 'listen: no address to announce'
    opened.close()
  }
  return { reason }
}

function* portsToTry(range: [number, number] | undefined): Generator<number> {
  if (range === undefined) {
    for (let i = 0; i < systemPortTries; i++) yield 0
    return
  }
  for (let port = range[0]; port <= range[1]; port++) if (portAllowed(port)) yield port
}

/** Listens for both families where the machine has IPv6, else for IPv4. */
async function listen(
  host: string | undefined,
  port: number,
  beforehand?: (port: number) => () => void,
): Promise<Server | Error> {
  if (beforehand !== undefined) {
    const probe = await listen(host, port)
    if (probe instanceof Error) return probe
    const free = (probe.address() as AddressInfo).port
    await new Promise((resolve) => probe.close(resolve))
    const undo = beforehand(free)
    // What dials to an IP literal binds its port in the next tick.
    await new Promise(setImmediate)
    const opened = await listen(host, free)
    if (opened instanceof Error) undo()
    return opened
  }
  if (host !== undefined) return await listenAt(host, port)
  const both = await listenAt('::', port)
  const withoutIPv6 = both instanceof Error && /EAFNOSUPPORT|EADDRNOTAVAIL|EINVAL/.test(errorCode(both))
  return withoutIPv6 ? await listenAt('0.0.0.0', port) : both
}

/** Listens at one address and port. */
export function listenAt(host: string, port: number): Promise<Server | Error> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', resolve)
    server.listen({ host, port, backlog: 128, exclusive: true }, () => {
      server.removeListener('error', resolve)
      // Out of descriptors, for instance: this connection is lost, the port stays.
      server.on('error', () => {})
      resolve(server)
    })
  })
}

function candidatesOf(server: Server, host: string | undefined, rule: AddressRule): DirectCandidate[] {
  const bound = server.address()
  if (bound === null || typeof bound === 'string') return []
  const { port, family } = bound
  if (host === undefined || parseAddress(host)?.parts.every((part) => part === 0) === true) {
    // A port of IPv6 takes both families, one of IPv4 only its own.
    const reached = ownAddresses().filter(({ ip }) => family === 'IPv6' || isIPv4(ip))
    return announced(reached, port, rule)
  }
  const only: DirectCandidate = { ip: host, port, kind: 'host' }
  return candidateFault(only, rule) === undefined ? [only] : []
}

function ownAddresses(): { interfaceName: string; ip: string; cidr: string | null }[] {
  return Object.entries(networkInterfaces()).flatMap(([interfaceName, addresses]) =>
    (addresses ?? [])
      .filter(({ internal }) => !internal)
      .map(({ address, cidr }) => ({ interfaceName, ip: address, cidr })),
  )
}

/** Whether dialling this candidate would reach our own port. */
export function isOwn(candidate: DirectCandidate, own: readonly DirectCandidate[]): boolean {
  const address = parseAddress(candidate.ip)
  if (address === undefined || !own.some(({ port }) => port === candidate.port)) return false
  return isLoopback(address) || ownAddresses().some(({ ip }) => sameAddress(ip, address.parts))
}

function sameAddress(ip: string, parts: readonly number[]): boolean {
  return parseAddress(ip)?.parts.join() === parts.join()
}

/** Whether an address is in a network that one of our interfaces is in. */
export function isNear(ip: string): boolean {
  const near = new BlockList()
  for (const { cidr } of ownAddresses()) {
    const [network, prefix] = cidr?.split('/') ?? []
    if (network !== undefined && prefix !== undefined)
      near.addSubnet(network, Number(prefix), isIPv4(network) ? 'ipv4' : 'ipv6')
  }
  return near.check(ip, isIPv4(ip) ? 'ipv4' : 'ipv6')
}

/** An address of ours that is the same seen from everywhere: of IPv6, global, on an interface that leads outward. */
export function ownGlobalAddress(): string | undefined {
  const global = announced(ownAddresses(), anyPort).find(({ ip }) => !isIPv4(ip) && !isPrivate(ip))
  return global?.ip
}

/** Any port that may be announced. */
const anyPort = 65_535
