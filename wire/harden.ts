/**
 * The cures for what @xmpp does not withstand, put on one entity, of a client or a component (docs/decisions tells which cure is for what).
 * To be called before the entity is started; calling it again does nothing.
 */
import type { Element } from '../schemas/xml.js'
import { hangUp } from './connection.js'
import { type Desk, deskOf } from './desk.js'
import type { EntityParser, EntityParts, EntitySocket, WireLog, XmppEntity } from './entity.js'
import { ConnectionFailed } from './errors.js'
import type { WireLimits } from './limits.js'
import { Liveness } from './liveness.js'
import { Outgoing } from './outgoing.js'
import { fixed } from './services.js'
import { type Services, Supervisor } from './supervisor.js'
import { StreamFault } from './xml/fault.js'
import { type StanzaHead, StanzaParser } from './xml/stanza-parser.js'
import { Utf8Decoder } from './xml/utf8.js'

export interface HardenOptions {
  /** Other caps than the usual ones (limits.ts). */
  limits?: Partial<WireLimits>
  /** Where it is said what changes. Default: nowhere. */
  log?: WireLog
  /** Whether `start()` goes on trying after a first failure. A component does, a client does not, unless said. */
  persist?: boolean
  /** Shortest and longest wait between attempts, in milliseconds. Never more than 8 s (P19). */
  backoffMs?: { least: number; most: number }
  /** Whom to ping when the stream is silent: a client its server, a component itself by way of the server. */
  pingTarget?: string
  /** Where to connect; without it, to the entity's own `service`. */
  services?: Services
}

const hardened = new WeakSet<object>()

/**
 * Hardens an entity that you made yourself; those of `createClientEntity` are. From then on it comes back by itself, and the caps hold for
 * whatever else listens on it, too. @throws Error when it has been started already
 */
export function harden(given: XmppEntity, options: HardenOptions = {}): void {
  if (hardened.has(given)) return
  const entity = given as EntityParts
  if (entity.status !== 'offline' || entity.socket) throw new Error('harden() comes before start()')
  hardened.add(given)
  const desk = deskOf(entity)
  if (options.log) desk.log = options.log
  desk.limits = { ...desk.limits, ...options.limits }

  entity.reconnect?.stop()
  const supervisor = new Supervisor(desk, {
    persist: options.persist ?? desk.component,
    backoffMs: { least: 1_000, most: 8_000, ...options.backoffMs },
    services: options.services ?? fixed(entity.options.service),
  })
  const end = (reason: ConnectionFailed) => supervisor.fail(reason)
  const liveness = new Liveness(
    desk,
    () => options.pingTarget ?? (desk.component ? desk.self : entity.options.domain),
    end,
  )
  desk.moving = {
    ask: (ms) => liveness.ask(ms),
    hurry: () => supervisor.hurry(),
    fail: end,
  }
  hardenIncoming(desk, liveness)
  hardenOutgoing(desk, new Outgoing(desk, end))

  entity.timeout = desk.limits.stateMs
  entity.start = () => supervisor.start()
  entity.stop = () => supervisor.stop()
  // The name differs between the versions; both mean "close the stream and the connection".
  const closing = { disconnect: () => hangUp(entity), _end: () => hangUp(entity) }
  Object.assign(entity, closing)
  // Another host's name in a server's mouth would get our secret next.
  entity._onSeeOtherHost = (error: Error) => entity.emit('error', error)
}

function hardenIncoming(desk: Desk, liveness: Liveness): void {
  const { entity } = desk
  let Stock: unknown = entity.Parser
  class Parser extends StanzaParser {
    constructor() {
      super(desk.limits)
      this.on('oversize', (head: StanzaHead) => desk.oversize(head))
    }
  }
  Object.defineProperty(entity, 'Parser', {
    configurable: true,
    // A client takes its parser from each transport as it connects. One of a websocket reads frames, each whole: it stays.
    get: () => ((Stock as { name?: string } | undefined)?.name === 'FramedParser' ? Stock : Parser),
    set: (parser: unknown) => {
      Stock = parser
    },
  })

  let decoder = new Utf8Decoder()
  let decoding: EntitySocket | null = null
  entity._onData = (data: Buffer | string) => {
    liveness.heard()
    const parser: EntityParser | null = entity.parser
    // Behind the end of the stream, or after a fault, nothing is read.
    if (!parser) return
    if (entity.socket !== decoding) {
      decoding = entity.socket
      decoder = new Utf8Decoder()
    }
    try {
      parser.write(typeof data === 'string' ? data : decoder.write(data))
    } catch (error) {
      if (error instanceof StreamFault) faulty(entity, error)
      else desk.log.error({ err: error }, 'a stanza made our own code throw')
    }
  }
  entity.on('nonza', (element: Element) => {
    // What follows `proceed` in clear text was put there by somebody in between (RFC 6120 §5.4.3.3).
    if (element.is('proceed', 'urn:ietf:params:xml:ns:xmpp-tls'))
      (entity.parser as Partial<StanzaParser>)?.close?.()
  })
  entity.on('connect', () => {
    const { socket } = entity
    // What is written in one turn goes out in one piece already; waiting for more costs 40 ms an answer.
    ;(socket?.socket ?? socket)?.setNoDelay?.(true)
  })
  const { headerElement } = entity
  if (desk.component) {
    entity.headerElement = () => {
      const header = headerElement.call(entity)
      // XEP-0114 has no version; with one, jabberd2 answers with features and waits.
      delete header.attrs.version
      return header
    }
  }
}

function hardenOutgoing(desk: Desk, outgoing: Outgoing): void {
  const { entity } = desk
  entity.write = (text) => outgoing.write(text)
  entity.send = (element) => {
    const framed = (entity.Transport as { name?: string } | undefined)?.name === 'ConnectionWebSocket'
    // A frame carries its own namespace.
    if (framed) element.attrs.xmlns ??= 'jabber:client'
    return outgoing.send(element)
  }
  const many = {
    sendMany: async (elements: Element[]) => {
      await Promise.all(elements.map((element) => outgoing.send(element)))
    },
  }
  Object.assign(entity, many)
  desk.post = (text) => outgoing.post(text)
  desk.whenRoom = () => outgoing.whenRoom()
}

/** Ends a stream whose text makes no sense, with the word for it (RFC 6120 §4.9). */
function faulty(entity: EntityParts, fault: StreamFault): void {
  entity._detachParser()
  const ns = 'urn:ietf:params:xml:ns:xmpp-streams'
  void hangUp(entity, `<stream:error><${fault.condition} xmlns='${ns}'/></stream:error>`)
  entity.emit('error', new ConnectionFailed(fault.condition, fault.message, { cause: fault }))
}
