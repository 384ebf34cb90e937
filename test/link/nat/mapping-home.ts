/**
 * What runs in a home behind a router of the bed: finds the router by each of the three protocols, maps a port by each, and by
 * the mapper; says what it finds in lines of JSON, and goes on at a line from outside.
 */

import { createSocket } from 'node:dgram'
import { createServer as createHttpServer } from 'node:http'
import { createServer } from 'node:net'
import { createInterface } from 'node:readline'
import { currentNetwork, type Network } from '../../../link/mapping/gateway.js'
import { createPortMapper } from '../../../link/mapping/index.js'
import { findNatPmp } from '../../../link/mapping/nat-pmp.js'
import { findPcp } from '../../../link/mapping/pcp.js'
import { findUpnp } from '../../../link/mapping/upnp.js'

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]()
const say = (word: object): void => console.log(JSON.stringify(word))
const goOn = async (): Promise<void> => void (await lines.next())
const message = (error: Error): string => error.message

const network = await currentNetwork()
if (process.argv[2] === undefined || network === undefined) say({ network: network ?? 'none' })
if (network === undefined) process.exit(0)
if (process.argv[2] === 'among-liars') {
  say(await amongLiars(network, process.argv[3]!))
  process.exit(0)
}
if (process.argv[2] === 'behind-two') {
  say(await behindTwo())
  process.exit(0)
}

const server = createServer((socket) => socket.end('here'))
await new Promise<void>((resolve) => server.listen(24_000, resolve))

for (const [name, find] of Object.entries({ pcp: findPcp, 'nat-pmp': findNatPmp, upnp: findUpnp })) {
  const router = await find(network, new AbortController().signal)
  const mapping = await router?.map(24_000, undefined).catch(message)
  const renewed = typeof mapping === 'object' ? await router?.map(24_000, mapping).catch(message) : undefined
  say({ name, mapping: mapping ?? 'none', renewed: renewed ?? 'none' })
  await goOn()
  if (router === undefined || typeof mapping !== 'object') continue
  say({ name, gone: await router.unmap(mapping).then(() => true, message) })
  await goOn()
}

const events: string[] = []
const mapper = createPortMapper({
  onEvent: (event) => events.push(['protocol' in event ? event.kind : event.reason].join()),
})
const looked = await mapper.look()
const [first, second] = await Promise.all([mapper.map(24_000), mapper.map(24_001)])
const late = await mapper.map(24_002, AbortSignal.abort())
say({
  looked: looked ?? 'none',
  first: first ?? 'none',
  second: second ?? 'none',
  late: late ?? 'none',
  events,
})
await goOn()
first?.release()
await mapper.close()
say({ closed: events, after: (await mapper.map(24_003)) ?? 'none' })
process.exit(0)

/** Somebody at another address of the network answers every search, and names himself; whether anybody believes him. */
async function amongLiars(network: Network, liar: string): Promise<object> {
  let visits = 0
  let liesTold = 0
  const enough = new AbortController()
  const visited = createHttpServer((_, to) => {
    visits++
    to.end()
  })
  await new Promise<void>((resolve) => visited.listen(5_000, resolve))
  const answer = (location: string): string =>
    `HTTP/1.1 200 OK\r\nST: urn:schemas-upnp-org:device:InternetGatewayDevice:1\r\nLOCATION: ${location}\r\n\r\n`
  const heard = createSocket({ type: 'udp4', reuseAddr: true })
  const told = createSocket('udp4')
  await new Promise<void>((resolve) => heard.bind(1900, resolve))
  await new Promise<void>((resolve) => told.bind(0, liar, resolve))
  heard.addMembership('239.255.255.250', network.own)
  heard.on('message', (_, { port, address }) => {
    for (const place of [liar, network.gateway]) {
      told.send(answer(`http://${place}:5000/rootDesc.xml`), port, address)
      liesTold++
    }
    // By the second time it is asked, the first lies have been heard.
    if (liesTold > 4) enough.abort()
  })
  const { signal } = enough
  const asked = await Promise.all([findPcp, findNatPmp, findUpnp].map((find) => find(network, signal)))
  const [pcp, natPmp, upnp] = asked.map((router) => router?.protocol ?? 'none')
  return { asked: { pcp, 'nat-pmp': natPmp, upnp }, liesTold, visits }
}

/** Two ports, one after the other, where the router's outer address is not public. */
async function behindTwo(): Promise<object> {
  const events: object[] = []
  const mapper = createPortMapper({ findMs: 1_000, onEvent: (event) => events.push(event) })
  const mapped = [await mapper.map(24_000), await mapper.map(24_001)].map((one) => one ?? 'none')
  await mapper.close()
  return { mapped, events }
}
