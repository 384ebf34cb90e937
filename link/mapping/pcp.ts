/** PCP (RFC 6887): version 2; ANNOUNCE to see whether anybody speaks it, MAP for a port. */

import { randomBytes } from 'node:crypto'
import { ask } from './datagrams.js'
import type { Network } from './gateway.js'
import { type Mapping, MappingFailed, type MappingRouter, wantedLifetimeS } from './router.js'

const version = 2
const announceOperation = 0
const mapOperation = 1
const answerBit = 0x80
const tcp = 6
const headerBytes = 24
const mapBytes = 36
const nonceBytes = 12
const askMs = 2_000

/** Whether the router speaks PCP. (One that speaks NAT-PMP only answers in that version, which is no answer here.) */
export async function findPcp(network: Network, signal: AbortSignal): Promise<MappingRouter | undefined> {
  const found = await ask({
    gateway: network.gateway,
    write: (own) => header(announceOperation, 0, own),
    read: (bytes) => resultOf(bytes, announceOperation),
    timeoutMs: askMs,
    signal,
  })
  return found === 0 ? new PcpRouter(network) : undefined
}

class PcpRouter implements MappingRouter {
  readonly protocol = 'pcp'
  /** A mapping is changed and taken back only by who knows its nonce (RFC 6887, section 11.1). */
  private readonly nonces = new Map<number, Buffer>()

  constructor(private readonly network: Network) {}

  async map(inner: number, before: Mapping | undefined): Promise<Mapping> {
    const nonce = this.nonces.get(inner) ?? randomBytes(nonceBytes)
    this.nonces.set(inner, nonce)
    const answer = await this.ask(nonce, inner, before?.port ?? inner, wantedLifetimeS)
    if (answer.ip === undefined) throw new MappingFailed(this.protocol, 'malformed')
    return { ip: answer.ip, port: answer.port, inner, lifetimeS: answer.lifetimeS }
  }

  async unmap({ inner }: Mapping): Promise<void> {
    const nonce = this.nonces.get(inner)
    if (nonce === undefined) return
    this.nonces.delete(inner)
    await this.ask(nonce, inner, 0, 0)
  }

  private async ask(nonce: Buffer, inner: number, outer: number, lifetimeS: number): Promise<MapAnswer> {
    const answer = await ask({
      gateway: this.network.gateway,
      write: (own) => Buffer.concat([header(mapOperation, lifetimeS, own), mapPart(nonce, inner, outer)]),
      read: (bytes) => readMap(bytes, nonce, inner),
      timeoutMs: askMs,
    })
    if (answer === undefined) throw new MappingFailed(this.protocol, 'timeout')
    if (answer.result !== 0) throw new MappingFailed(this.protocol, 'refused', answer.result)
    return answer
  }
}

export interface MapAnswer {
  result: number
  /** Undefined where it is no IPv4 address. */
  ip: string | undefined
  port: number
  lifetimeS: number
}

/** RFC 6887, sections 7.2 and 11.1. */
export function readMap(bytes: Buffer, nonce: Buffer, inner: number): MapAnswer | undefined {
  const result = resultOf(bytes, mapOperation)
  if (result === undefined || bytes.length < headerBytes + mapBytes) return undefined
  const part = bytes.subarray(headerBytes, headerBytes + mapBytes)
  if (!part.subarray(0, nonceBytes).equals(nonce)) return undefined
  if (part[12] !== tcp || part.readUInt16BE(16) !== inner) return undefined
  const ip = mappedIPv4(part.subarray(20, 36))
  return { result, ip, port: part.readUInt16BE(18), lifetimeS: bytes.readUInt32BE(4) }
}

function resultOf(bytes: Buffer, operation: number): number | undefined {
  const isAnswer = bytes.length >= headerBytes && bytes[0] === version && bytes[1] === (operation | answerBit)
  return isAnswer ? bytes[3] : undefined
}

function header(operation: number, lifetimeS: number, own: string): Buffer {
  const bytes = Buffer.alloc(headerBytes)
  bytes[0] = version
  bytes[1] = operation
  bytes.writeUInt32BE(lifetimeS, 4)
  asMapped(own).copy(bytes, 8)
  return bytes
}

function mapPart(nonce: Buffer, inner: number, outer: number): Buffer {
  const bytes = Buffer.alloc(mapBytes)
  nonce.copy(bytes)
  bytes[12] = tcp
  bytes.writeUInt16BE(inner, 16)
  bytes.writeUInt16BE(outer, 18)
  asMapped('0.0.0.0').copy(bytes, 20)
  return bytes
}

/** An IPv4 address as PCP writes it: IPv4-mapped (RFC 6887, section 5). */
function asMapped(ip: string): Buffer {
  return Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, ...ip.split('.').map(Number)])
}

function mappedIPv4(bytes: Buffer): string | undefined {
  return bytes.subarray(0, 12).equals(asMapped('0.0.0.0').subarray(0, 12))
    ? bytes.subarray(12).join('.')
    : undefined
}
