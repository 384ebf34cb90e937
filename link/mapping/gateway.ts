/**
 * The router of this machine's network: the default gateway of IPv4, and the own address that faces it.
 *
 * Node does not tell routes, so the kernel's table is read on Linux and `netstat` is asked elsewhere. Without a default
 * gateway there is nobody to ask for a port, and nothing is ever sent.
 */

import { execFile } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { readFile } from 'node:fs/promises'
import { isIPv4 } from 'node:net'
import { endianness } from 'node:os'

export interface Network {
  /** The router's address on our side. */
  gateway: string
  /** Our address on its side. */
  own: string
}

const netstatMs = 1_000
const maxNetstatBytes = 256 * 1024

/** Gives undefined where there is no default gateway, or it cannot be learned. */
export async function currentNetwork(): Promise<Network | undefined> {
  const gateway = process.platform === 'linux' ? await ofLinux() : ofNetstat(await netstat())
  if (gateway === undefined) return undefined
  const own = await facing(gateway)
  return own === undefined ? undefined : { gateway, own }
}

async function ofLinux(): Promise<string | undefined> {
  try {
    return ofRouteTable(await readFile('/proc/net/route', 'utf8'))
  } catch {
    return undefined
  }
}

/** From Linux' `/proc/net/route`: the default route with a gateway that costs least. */
export function ofRouteTable(text: string): string | undefined {
  const routes = text
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter(([, destination, gateway, flags, , , , mask]) => {
      const isUp = (Number.parseInt(flags ?? '0', 16) & 3) === 3
      return destination === '00000000' && mask === '00000000' && isUp && /^[0-9A-F]{8}$/i.test(gateway ?? '')
    })
    .sort((a, b) => Number(a[6]) - Number(b[6]))
  const hex = routes[0]?.[2]
  if (hex === undefined) return undefined
  // The kernel prints the number as it lies in memory.
  const bytes = Buffer.from(hex, 'hex')
  return [...(endianness() === 'LE' ? bytes.reverse() : bytes)].join('.')
}

/** From `netstat -rn`, of macOS and the BSDs (`default 192.0.2.1 …`) or of Windows (`0.0.0.0 0.0.0.0 192.0.2.1 …`). */
export function ofNetstat(text: string): string | undefined {
  for (const line of text.split('\n')) {
    const words = line.trim().split(/\s+/)
    const gateway = words[0] === 'default' ? words[1] : words[0] === '0.0.0.0' ? words[2] : undefined
    if (gateway !== undefined && isIPv4(gateway) && gateway !== '0.0.0.0') return gateway
  }
  return undefined
}

function netstat(): Promise<string> {
  return new Promise((resolve) => {
    const options = { timeout: netstatMs, maxBuffer: maxNetstatBytes, windowsHide: true }
    execFile('netstat', ['-rn'], options, (error, stdout) => resolve(error === null ? stdout : ''))
  })
}

/** The address that the system would speak to the gateway from: nothing is sent to learn it. */
function facing(gateway: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4')
    const end = (own?: string): void => {
      socket.close()
      resolve(own)
    }
    socket.once('error', () => end())
    socket.connect(5351, gateway, () => end(socket.address().address))
  })
}
