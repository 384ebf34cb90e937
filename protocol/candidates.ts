/**
 * Candidates: the addresses at which a listening side may be reached (docs/protocol.md, "Candidates").
 * Pure: which of the given ones are dialled and in what order, which of our own are announced, and how many different
 * addresses one peer may make us dial in a day.
 */

import { type AddressFault, type AddressRule, addressFault, addressKey, parseAddress } from './addresses.js'
import { isProxyPort, portAllowed } from './ports.js'

/**
 * An address and port of the other side itself: where it listens (`host`), where its router lets callers through to
 * that port (`mapped`), or from where it dials (`punch`).
 */
export interface DirectCandidate {
  /** An IP literal. */
  ip: string
  port: number
  kind: 'host' | 'mapped' | 'punch'
}

/** A server that carries the bytes: a TURN allocation's relayed address, or a SOCKS5 bytestreams proxy. */
export type RelayCandidate =
  | { ip: string; port: number; kind: 'turn' }
  /** `dst`: 40 hex, the name of the stream at the proxy (XEP-0065). */
  | { ip: string; port: number; kind: 'proxy'; dst: string }

/** A bytestream inside XMPP (XEP-0047), to be opened by the other side. */
export interface InbandCandidate {
  kind: 'inband'
  jid: string
  sid: string
}

/** How one side can be reached. */
export type Candidate = DirectCandidate | RelayCandidate | InbandCandidate

export function isDirect(candidate: Candidate): candidate is DirectCandidate {
  return candidate.kind === 'host' || candidate.kind === 'mapped' || candidate.kind === 'punch'
}

export function isRelay(candidate: Candidate): candidate is RelayCandidate {
  return candidate.kind === 'proxy' || candidate.kind === 'turn'
}

/** At most so many direct candidates in an attempt; what comes after them is not looked at. */
export const maxDirect = 4

/** At most so many relays of one side in an attempt. */
export const maxRelays = 2

/** Of a side's candidates: the first of each class that count. */
export function withinLimits<C extends Candidate>(candidates: readonly C[]): C[] {
  return [
    ...candidates.filter((one) => isDirect(one)).slice(0, maxDirect),
    ...candidates.filter((one) => isRelay(one)).slice(0, maxRelays),
    ...candidates.filter(({ kind }) => kind === 'inband').slice(0, 1),
  ]
}

/** At most so many different addresses are dialled for one peer in a day. */
export const maxAddressesPerDay = 16

/** Why a candidate may be neither dialled nor announced; undefined if it may. */
export function candidateFault(
  candidate: { ip: string; port: number },
  rule: AddressRule = {},
): AddressFault | undefined {
  return addressFault(candidate.ip, rule) ?? (portAllowed(candidate.port) ? undefined : 'port')
}

/** One text for one candidate, to compare by. */
export function candidateKey(candidate: { ip: string; port: number }): string {
  return `${addressKey(candidate.ip) ?? candidate.ip} ${candidate.port}`
}

/**
 * Of the first {@link maxDirect}: which to dial, each once, in what order; and why the others are not. First those that
 * are likely to lead to the other side: public ones, and private ones that `isNear`.
 * The families alternate, beginning with that of the first (RFC 8305, section 4), so that a family that does not work
 * costs one step and not several.
 */
export function dialOrder(
  candidates: readonly DirectCandidate[],
  rule: AddressRule = {},
  isNear: (ip: string) => boolean = () => true,
): { dial: DirectCandidate[]; refused: AddressFault[] } {
  const refused: AddressFault[] = []
  const unique = new Map<string, DirectCandidate>()
  for (const candidate of candidates.slice(0, maxDirect)) {
    const fault = candidateFault(candidate, rule)
    if (fault === undefined) unique.set(candidateKey(candidate), candidate)
    else refused.push(fault)
  }
  // A private address of another network than ours is nearly always somebody else's here.
  const isLikely = ({ ip }: DirectCandidate): boolean => !isPrivate(ip) || isNear(ip)
  const all = [...unique.values()]
  const likely = alternate(all.filter(isLikely))
  return { dial: [...likely, ...alternate(all.filter((one) => !isLikely(one)))], refused }
}

/** Whether an address is of a private network, so that it means another machine elsewhere. */
export function isPrivate(ip: string): boolean {
  const { family, parts = [] } = parseAddress(ip) ?? {}
  const [a = 0, b = 0] = parts
  if (family === 6) return (a & 0xfe00) === 0xfc00
  // RFC 1918, and RFC 6598: between a provider and its customers.
  return (
    a === 10 ||
    (a === 172 && b >= 16 && b < 32) ||
    (a === 192 && b === 168) ||
    (a === 100 && (b & 0xc0) === 64)
  )
}

/**
 * Why a relay may be neither contacted nor announced; undefined if it may. A proxy may also be at the ports where SOCKS5
 * proxies live by habit: what is there hears three bytes and, only if it speaks SOCKS5, a name of 40 hexadecimal digits.
 */
export function relayFault(
  relay: { kind: RelayCandidate['kind']; ip: string; port: number },
  rule: AddressRule = {},
): AddressFault | undefined {
  const port = relay.kind === 'proxy' && isProxyPort(relay.port) ? alwaysAllowedPort : relay.port
  return candidateFault({ ip: relay.ip, port }, rule)
}

/** A port that no rule speaks against, to ask about an address alone. */
const alwaysAllowedPort = 65_535

function alternate(candidates: readonly DirectCandidate[]): DirectCandidate[] {
  const first = candidates.filter((one) => familyOf(one) === familyOf(candidates[0]!))
  const second = candidates.filter((one) => !first.includes(one))
  const order: DirectCandidate[] = []
  for (let i = 0; i < first.length || i < second.length; i++) {
    order.push(...first.slice(i, i + 1), ...second.slice(i, i + 1))
  }
  return order
}

function familyOf(candidate: DirectCandidate): 4 | 6 | undefined {
  return parseAddress(candidate.ip)?.family
}

/** An address of one of this machine's interfaces. */
export interface InterfaceAddress {
  interfaceName: string
  ip: string
}

/** Interfaces that lead to containers and virtual machines on this machine: nobody else can reach them. */
const inward = /^(docker|br-|veth|virbr|vmnet|vboxnet|lxc|lxd|cni|flannel|podman)/

/**
 * What to announce for a port that listens on all interfaces: 127.0.0.1 first where loopback is allowed, then the two
 * families in turn, IPv6 first and global before unique-local, interfaces that lead inward last, at most
 * {@link maxDirect}. Gives none for a port that the other side would refuse.
 */
export function announced(
  addresses: readonly InterfaceAddress[],
  port: number,
  rule: AddressRule = {},
): DirectCandidate[] {
  const fit = addresses
    .filter(({ ip }) => candidateFault({ ip, port }) === undefined)
    .sort((a, b) => remoteness(a) - remoteness(b))
  const candidates = fit.map(({ ip }): DirectCandidate => ({ ip, port, kind: 'host' }))
  const sixFirst = candidates.sort((a, b) => (familyOf(b) ?? 0) - (familyOf(a) ?? 0))
  const loopback: DirectCandidate[] =
    rule.allowLoopback === true ? [{ ip: '127.0.0.1', port, kind: 'host' }] : []
  const all = [...loopback, ...alternate(sixFirst)]
  return all.filter((one) => candidateFault(one, rule) === undefined).slice(0, maxDirect)
}

function remoteness({ interfaceName, ip }: InterfaceAddress): number {
  const uniqueLocal = /^f[cd]/i.test(ip) ? 1 : 0
  return (inward.test(interfaceName) ? 2 : 0) + uniqueLocal
}

/** The addresses that one peer has made us dial on one day. */
export interface DialledOnDay {
  /** Days since the epoch, UTC. */
  day: number
  /** As {@link addressKey} writes them. */
  addresses: readonly string[]
}

/**
 * Takes the candidates that may still be dialled for a peer on `day`, and gives the record to keep: an address that
 * was dialled already costs nothing, a new one counts towards {@link maxAddressesPerDay}. A clock set back does not
 * open a new account.
 */
export function withinDay<C extends Candidate>(
  before: DialledOnDay | undefined,
  day: number,
  candidates: readonly C[],
): { dial: C[]; after: DialledOnDay } {
  const fresh = before === undefined || day > before.day
  const addresses = new Set(fresh ? [] : before.addresses)
  const dial = withinLimits(candidates).filter((candidate) => {
    if (candidate.kind === 'inband') return true
    const key = addressKey(candidate.ip)
    if (key === undefined) return false
    if (!addresses.has(key) && addresses.size >= maxAddressesPerDay) return false
    addresses.add(key)
    return true
  })
  return { dial, after: { day: fresh ? day : before.day, addresses: [...addresses] } }
}
