/**
 * What we use of an entity of `@xmpp/client` or `@xmpp/component`, as structural types: the second has no types at all, the first's
 * do not work with `nodenext`, and the two bring two copies of their classes, so `instanceof` says nothing.
 */
import type { Element } from '../schemas/xml.js'

/** Where `wire` says what changes. pino's loggers fit. Never gets a secret, an address or a peer's text above debug. */
export interface WireLog {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

/** An address as `@xmpp/jid` holds it. */
export interface EntityJid {
  local: string
  domain: string
  resource: string
  bare(): EntityJid
  toString(): string
}

/** An entity of `@xmpp/client` 0.14 or `@xmpp/component` 0.13. */
export interface XmppEntity {
  jid: EntityJid | null
  /** `offline`, `connecting`, `online`, `disconnect`, …: what it last emitted as `status`. */
  status: string
  options: { service?: string; domain?: string; lang?: string }
  /** Opens the stream. @returns the address we are online as */
  start(): Promise<EntityJid>
  /** Closes the stream and stays offline. */
  stop(): Promise<unknown>
  send(element: Element): Promise<void>
  // biome-ignore lint/suspicious/noExplicitAny: an emitter's listeners are as free as its events
  on(event: string, listener: (...args: any[]) => void): unknown
  // biome-ignore lint/suspicious/noExplicitAny: as above
  off(event: string, listener: (...args: any[]) => void): unknown
  middleware: {
    use(handler: (context: { stanza: Element }, next: () => Promise<unknown>) => unknown): unknown
  }
  iqCaller: { handlers: Map<string, { reject(error: Error): void }> }
  iqCallee: {
    get(ns: string, name: string, handler: (context: unknown) => unknown): void
    set(ns: string, name: string, handler: (context: unknown) => unknown): void
  }
}

/** The stock parser's shape, and ours. */
export interface EntityParser {
  write(chunk: string): void
  // biome-ignore lint/suspicious/noExplicitAny: as above
  on(event: string, listener: (...args: any[]) => void): unknown
}

export interface EntitySocket {
  // biome-ignore lint/suspicious/noExplicitAny: as above
  once(event: string, listener: (...args: any[]) => void): unknown
  write(text: string, done: (error?: Error | null) => void): unknown
  end(): void
  destroy?(error?: Error): void
  setNoDelay?(noDelay: boolean): unknown
  writableLength?: number
  /** Of the TLS wrapper: the socket inside. */
  socket?: EntitySocket | null
  remoteAddress?: string
  localAddress?: string
}

/** The inner parts that hardening replaces; read in the installed sources of both versions. */
export interface EntityParts extends XmppEntity {
  socket: EntitySocket | null
  parser: EntityParser | null
  root: Element | null
  timeout: number
  Parser: new () => EntityParser
  Socket: unknown
  Transport?: unknown
  transports?: unknown[]
  reconnect?: { stop(): void }
  saslFactory?: { _mechs: { name: string; mech: unknown }[] }
  streamManagement?: { enabled: boolean; enableSent: boolean; inbound: number }
  connect(service?: string): Promise<unknown>
  open(options: { domain?: string; lang?: string }): Promise<unknown>
  write(text: string): Promise<void>
  emit(event: string, ...args: unknown[]): boolean
  // biome-ignore lint/suspicious/noExplicitAny: as above
  removeListener(event: string, listener: (...args: any[]) => void): unknown
  headerElement(): Element
  isSecure?(): boolean
  authenticate?(id: string, password: string): Promise<void>
  _onData(data: Buffer): void
  _onSeeOtherHost(error: Error): unknown
  _detachParser(): void
  _detachSocket(): void
  _status(status: string, ...args: unknown[]): void
}

/** Whether the entity is a component (XEP-0114), whose every IQ is ours to answer. */
export const isComponent = (entity: XmppEntity): boolean =>
  typeof (entity as EntityParts).authenticate === 'function' &&
  (entity as EntityParts).transports === undefined
