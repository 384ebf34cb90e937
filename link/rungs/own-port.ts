/**
 * The port on which a side listens, and the addresses at which it may be reached from outside: as a STUN server sees the
 * port, and as a router maps it (docs/protocol.md, "Candidates").
 *
 * The STUN server is asked from that very port before it listens, and the connection is kept while the attempt lasts, so
 * that the router keeps in mind what it has told. A mapping is taken back when the attempt is over, or when the link that
 * came in through it has ended.
 */

import { isIPv4, type Server, type Socket } from 'node:net'
import { type AddressRule, isLoopback, parseAddress } from '../../protocol/addresses.js'
import { candidateFault, type DirectCandidate, isPrivate } from '../../protocol/candidates.js'
import type { Gathering, MappedPort, StunServer } from '../gathering.js'
import { isOwn, type ListenOptions, openPort } from '../listening.js'
import { type OuterAddress, outerAddress } from '../stun/index.js'
import { gatherMs, within } from './rung.js'

export interface OwnPortOptions {
  listen: ListenOptions
  rule: AddressRule
  gather: Gathering
  /** Aborted when the attempt is over. */
  signal: AbortSignal
  onConnection: (socket: Socket) => void
  note(kind: 'direct' | 'mapped', reason: string): void
}

export interface OwnPort {
  server: Server
  /** Where it listens on this machine. */
  own: readonly DirectCandidate[]
  /** As a STUN server sees the port, where that is not one of our own addresses. */
  outer: DirectCandidate | undefined
  /** As the router maps it. */
  mapped: DirectCandidate | undefined
  /** As what this side is seen from outside, where that is known. */
  readonly outerIp: string | undefined
  /** Whether a caller from there may have come through the mapping. */
  mayBeMapped(from: string): boolean
  /** Lets go of everything; the mapping only when `socket` has closed, where there is one. */
  close(socket?: Socket): void
}

/** Gives undefined, with a note, where nobody can listen. */
export async function openOwnPort(options: OwnPortOptions): Promise<OwnPort | undefined> {
  const { gather, rule, signal, note } = options
  const stun = gather.stun?.find(({ ip }) => isIPv4(ip))
  const outside = new Outside(options)
  const beforehand = (server: StunServer) => (port: number) => outside.ask(server, port)
  const listening = await openPort(options.listen, rule, options.onConnection, stun && beforehand(stun))
  if (listening.server === undefined) {
    outside.close()
    note('direct', listening.reason)
    return undefined
  }
  const { server, candidates: own } = listening
  const abandon = (): void => {
    server.close()
    outside.close()
  }
  signal.addEventListener('abort', abandon)
  if (signal.aborted) abandon()
  // No router leads to a port at which only this machine is heard.
  else if (options.listen.host === undefined || !isLoopbackIp(options.listen.host)) outside.map(own[0]!.port)
  const { outer, mapped } = await outside.found(own)
  signal.removeEventListener('abort', abandon)
  if (signal.aborted) return undefined
  return {
    server,
    own,
    outer,
    mapped,
    outerIp: outside.ip,
    mayBeMapped: (from) => outside.mapping !== undefined && isIPv4(from) && !isPrivate(from),
    close: (socket) => {
      server.close()
      if (socket === undefined || outside.mapping === undefined) outside.close()
      else socket.once('close', () => outside.close())
    },
  }
}

function isLoopbackIp(ip: string): boolean {
  const address = parseAddress(ip)
  return address !== undefined && isLoopback(address)
}

/** What is beyond our own addresses for one port. */
class Outside {
  mapping: MappedPort | undefined
  /** Our address as it is seen from outside. */
  ip: string | undefined
  private outer: Promise<OuterAddress | undefined> | undefined
  private mapped: Promise<MappedPort | undefined> | undefined
  private readonly stop = new AbortController()
  private kept: Socket | undefined

  constructor(private readonly options: OwnPortOptions) {}

  /** Asks a STUN server from the port, before it listens; gives what ends that. */
  ask(server: StunServer, localPort: number): () => void {
    const { host } = this.options.listen
    const from = host !== undefined && isIPv4(host) ? { localAddress: host } : {}
    const asking = new AbortController()
    const signal = AbortSignal.any([this.stop.signal, asking.signal])
    const asked = outerAddress(server, { localPort, ...from, keep: true, timeoutMs: gatherMs, signal })
    // One is asked, as the port listens in a moment; the next attempt asks another then.
    asked.catch(() => signal.aborted || server.failed?.())
    this.outer = within(asked, gatherMs, (late) => void late.socket?.destroy())
    return () => asking.abort()
  }

  /** Asks the router to let callers through to the port. */
  map(port: number): void {
    const { mapper } = this.options.gather
    const asked = mapper?.map(port, this.stop.signal)
    const waitMs = Math.min(gatherMs, mapper?.worthMs?.() ?? gatherMs)
    this.mapped = asked && within(asked, waitMs, (late) => late?.release())
  }

  /** What there is besides our own addresses. */
  async found(
    own: readonly DirectCandidate[],
  ): Promise<{ outer?: DirectCandidate; mapped?: DirectCandidate }> {
    if (this.outer === undefined && this.mapped === undefined) return {}
    const [outer, mapping] = await Promise.all([this.outer, this.mapped])
    this.kept = outer?.socket
    this.mapping = mapping
    this.ip = outer?.ip ?? mapping?.ip
    if (this.stop.signal.aborted) this.close()
    const seen = outer === undefined ? undefined : this.seenAs(outer, own)
    const mapped = mapping === undefined ? undefined : this.mappedAs(mapping, outer?.ip)
    if (mapping === undefined && this.mapped !== undefined)
      this.options.note('mapped', 'no router maps the port')
    return { ...(seen && { outer: seen }), ...(mapped && { mapped }) }
  }

  private seenAs({ ip, port }: OuterAddress, own: readonly DirectCandidate[]): DirectCandidate | undefined {
    const candidate: DirectCandidate = { kind: 'host', ip, port }
    const isUseless = candidateFault(candidate, this.options.rule) !== undefined || isOwn(candidate, own)
    return isUseless ? undefined : candidate
  }

  private mappedAs({ ip, port }: MappedPort, outerIp: string | undefined): DirectCandidate | undefined {
    const candidate: DirectCandidate = { kind: 'mapped', ip, port }
    const fault = candidateFault(candidate, this.options.rule)
    // A router that is itself behind another maps to an address that leads nowhere from outside.
    const isInner = isPrivate(ip) && outerIp !== undefined && outerIp !== ip
    if (fault === undefined && !isInner) return candidate
    this.options.note(
      'mapped',
      fault === undefined ? 'the router is behind another' : `not to be announced: ${fault}`,
    )
    return undefined
  }

  close(): void {
    this.stop.abort()
    this.kept?.destroy()
    this.mapping?.release()
    this.mapping = undefined
  }
}
