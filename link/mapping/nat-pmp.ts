/** NAT-PMP (RFC 6886): version 0; two questions are used, the outer address and a mapping of TCP. */

import { ask } from './datagrams.js'
import type { Network } from './gateway.js'
import { type Mapping, MappingFailed, type MappingRouter, wantedLifetimeS } from './router.js'

const addressOperation = 0
const mapTcpOperation = 2
const answerBit = 0x80
const askMs = 2_000

/** Whether the router speaks NAT-PMP, and does so now. */
export async function findNatPmp(network: Network, signal: AbortSignal): Promise<MappingRouter | undefined> {
  const found = await outerAddress(network, signal)
  return found?.result === 0 ? new NatPmpRouter(network) : undefined
}

class NatPmpRouter implements MappingRouter {
  readonly protocol = 'nat-pmp'

  constructor(private readonly network: Network) {}

  async map(inner: number, before: Mapping | undefined): Promise<Mapping> {
    // It is asked again each time: a router that dialled in anew has another.
    const [address, mapped] = await Promise.all([
      outerAddress(this.network),
      this.ask(inner, before?.port ?? inner, wantedLifetimeS),
    ])
    if (address === undefined || mapped === undefined) throw new MappingFailed(this.protocol, 'timeout')
    for (const { result } of [address, mapped])
      if (result !== 0) throw new MappingFailed(this.protocol, 'refused', result)
    return { ip: address.ip, port: mapped.port, inner, lifetimeS: mapped.lifetimeS }
  }

  async unmap({ inner }: Mapping): Promise<void> {
    // Port and lifetime 0 take it back (RFC 6886, section 3.4).
    const gone = await this.ask(inner, 0, 0)
    if (gone === undefined) throw new MappingFailed(this.protocol, 'timeout')
    if (gone.result !== 0) throw new MappingFailed(this.protocol, 'refused', gone.result)
  }

  private ask(inner: number, outer: number, lifetimeS: number): Promise<MapAnswer | undefined> {
    return ask({
      gateway: this.network.gateway,
      write: () => writeMap(inner, outer, lifetimeS),
      read: (answer) => readMap(answer, inner),
      timeoutMs: askMs,
    })
  }
}

function outerAddress(network: Network, signal?: AbortSignal): Promise<AddressAnswer | undefined> {
  return ask({
    gateway: network.gateway,
    write: () => Buffer.from([0, addressOperation]),
    read: readAddress,
    timeoutMs: askMs,
    signal,
  })
}

export interface AddressAnswer {
  result: number
  ip: string
}

export interface MapAnswer {
  result: number
  port: number
  lifetimeS: number
}

/** RFC 6886, section 3.2; an error may be shorter than an answer. */
export function readAddress(bytes: Buffer): AddressAnswer | undefined {
  const result = resultOf(bytes, addressOperation)
  if (result === undefined) return undefined
  if (result !== 0) return { result, ip: '' }
  return bytes.length < 12 ? undefined : { result, ip: bytes.subarray(8, 12).join('.') }
}

/** RFC 6886, section 3.3. */
export function readMap(bytes: Buffer, inner: number): MapAnswer | undefined {
  const result = resultOf(bytes, mapTcpOperation)
  if (result === undefined) return undefined
  if (result !== 0) return { result, port: 0, lifetimeS: 0 }
  if (bytes.length < 16 || bytes.readUInt16BE(8) !== inner) return undefined
  return { result, port: bytes.readUInt16BE(10), lifetimeS: bytes.readUInt32BE(12) }
}

function writeMap(inner: number, outer: number, lifetimeS: number): Buffer {
  const bytes = Buffer.alloc(12)
  bytes[1] = mapTcpOperation
  bytes.writeUInt16BE(inner, 4)
  bytes.writeUInt16BE(outer, 6)
  bytes.writeUInt32BE(lifetimeS, 8)
  return bytes
}

function resultOf(bytes: Buffer, operation: number): number | undefined {
  const isAnswer = bytes.length >= 4 && bytes[0] === 0 && bytes[1] === (operation | answerBit)
  return isAnswer ? bytes.readUInt16BE(2) : undefined
}
