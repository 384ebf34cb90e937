/**
 * Finding the router's UPnP description (SSDP, UPnP Device Architecture 1.1, section 1.3).
 *
 * Everybody in the network hears the question and may answer, with any address he likes to make us ask. So only an answer
 * that comes from the gateway itself counts, and only if what it names is at the gateway's own address (nobody else's, no
 * name that a resolver would turn into one).
 */

import { createSocket } from 'node:dgram'
import type { Network } from './gateway.js'

const multicast = { address: '239.255.255.250', port: 1900 }
const targets = [1, 2].map((version) => `urn:schemas-upnp-org:device:InternetGatewayDevice:${version}`)
const againMs = 700
const maxAnswerBytes = 2_048
/** Of the answers of one question, at most so many are looked at. */
const maxAnswers = 64

/** Gives the address of the description; undefined when the router says nothing in time. */
export function findDescription(
  network: Network,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<URL | undefined> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4')
    let answers = 0
    let again: NodeJS.Timeout | undefined
    let over = false
    const end = (found?: URL): void => {
      if (over) return
      over = true
      clearTimeout(again)
      clearTimeout(deadline)
      signal.removeEventListener('abort', stop)
      socket.close()
      resolve(found)
    }
    const stop = (): void => end()
    const deadline = setTimeout(end, timeoutMs)
    const say = (): void => {
      if (over) return
      for (const target of targets) {
        const question = questionFor(target)
        socket.send(question, multicast.port, multicast.address, () => {})
        // Some routers hear only what is said to them alone (section 1.3.2).
        socket.send(question, multicast.port, network.gateway, () => {})
      }
      again = setTimeout(say, againMs)
    }
    socket.on('error', () => end())
    socket.on('message', (bytes, { address }) => {
      if (address !== network.gateway || bytes.length > maxAnswerBytes || ++answers > maxAnswers) return
      const found = readAnswer(bytes.toString('latin1'), network.gateway)
      if (found !== undefined) end(found)
    })
    if (signal.aborted) {
      end()
      return
    }
    signal.addEventListener('abort', stop)
    socket.bind({ address: network.own }, () => {
      try {
        socket.setMulticastInterface(network.own)
        // Two is what the architecture says, and no network of a home is deeper.
        socket.setMulticastTTL(2)
        say()
      } catch {
        end()
      }
    })
  })
}

/** The description that an answer names, if the answer is one for a gateway, and the address is the gateway's. */
export function readAnswer(text: string, gateway: string): URL | undefined {
  const [first, ...lines] = text.split('\r\n')
  if (first === undefined || !/^HTTP\/1\.[01] 200\b/.test(first)) return undefined
  const field = (name: string): string | undefined =>
    lines
      .find((line) => line.toLowerCase().startsWith(`${name}:`))
      ?.slice(name.length + 1)
      .trim()
  if (!/:InternetGatewayDevice:[0-9]+$/.test(field('st') ?? '')) return undefined
  return atGateway(field('location') ?? '', gateway)
}

/** An address of plain HTTP at the gateway; undefined for every other. */
export function atGateway(text: string, gateway: string, base?: URL): URL | undefined {
  const url = parsed(text, base)
  const fits =
    url?.protocol === 'http:' && url.hostname === gateway && url.username === '' && url.password === ''
  return fits ? url : undefined
}

function parsed(text: string, base?: URL): URL | undefined {
  try {
    return new URL(text, base)
  } catch {
    return undefined
  }
}

function questionFor(target: string): string {
  const { address, port } = multicast
  const lines = [
    'M-SEARCH * HTTP/1.1',
    `HOST: ${address}:${port}`,
    'MAN: "ssdp:discover"',
    'MX: 1',
    `ST: ${target}`,
  ]
  return `${lines.join('\r\n')}\r\n\r\n`
}
