/** An XMPP server that a test plays by hand: a component port (XEP-0114) or a client port, on raw sockets. */
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { Talk } from './talk.js'

const streams = "xmlns:stream='http://etherx.jabber.org/streams'"
export const componentHeader = `<?xml version='1.0'?><stream:stream ${streams} xmlns='jabber:component:accept' id='s1' from='files.localhost'>`
export const clientHeader = `<?xml version='1.0'?><stream:stream ${streams} xmlns='jabber:client' id='s1' from='localhost' version='1.0'>`
export const bindFeatures =
  "<stream:features><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/><sm xmlns='urn:xmpp:sm:3'/></stream:features>"

export interface MockServer {
  readonly service: string
  readonly port: number
  /** How many connections have been made. */
  readonly made: number
  /** The next connection. */
  next(): Promise<Talk>
  /** Takes connections no more; those that are there end. */
  stop(): Promise<void>
}

export async function mockServer(): Promise<MockServer> {
  const waiting: Talk[] = []
  const takers: ((talk: Talk) => void)[] = []
  const sockets = new Set<Socket>()
  let made = 0
  const server = createServer((socket) => {
    made++
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    const talk = new Talk(socket)
    const taker = takers.shift()
    if (taker) taker(talk)
    else waiting.push(talk)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    port,
    service: `xmpp://127.0.0.1:${port}`,
    get made() {
      return made
    },
    next: async () => waiting.shift() ?? new Promise((resolve) => takers.push(resolve)),
    stop: async () => {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

/** Plays the server's side of a component's login. */
export async function acceptComponent(server: MockServer): Promise<Talk> {
  const talk = await server.next()
  await talk.hear(/<stream:stream[^>]*>/)
  talk.say(componentHeader)
  await talk.hear(/<handshake>[0-9a-f]{40}<\/handshake>/)
  talk.say('<handshake/>')
  return talk
}

/** Plays the server's side of a client's login by PLAIN. */
export async function acceptClient(server: MockServer, jid = 'faust@localhost/r'): Promise<Talk> {
  const talk = await server.next()
  await talk.hear(/<stream:stream[^>]*>/)
  talk.say(`${clientHeader}${mechanisms('PLAIN')}`)
  await talk.hear(/<auth [^>]*>[^<]*<\/auth>/)
  talk.say("<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>")
  await talk.hear(/<stream:stream[^>]*>/)
  talk.say(`${clientHeader}${bindFeatures}`)
  const [, id] = await talk.hear(/<iq [^>]*id="([^"]+)"[^>]*><bind[\s\S]*?<\/iq>/)
  talk.say(
    `<iq type='result' id='${id}'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><jid>${jid}</jid></bind></iq>`,
  )
  return talk
}

export const mechanisms = (...names: string[]): string =>
  `<stream:features><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>${names.map((name) => `<mechanism>${name}</mechanism>`).join('')}</mechanisms></stream:features>`
