/**
 * An account's session on its server, hardened.
 *
 * Rules: a password is never sent in the clear (PLAIN only inside TLS, or to this very machine if that is allowed); without TLS there is no
 * session at all, but to this very machine; stream management is not asked for, because the stock one loses stanzas at its start and comes back
 * without a word.
 */
// @ts-expect-error its types do not work with nodenext
import { client } from '@xmpp/client'
import { parseJid } from '../schemas/index.js'
import { childElements, type Element, localName, namespaceOf } from '../schemas/xml.js'
import type { EntityParts, WireLog, XmppEntity } from './entity.js'
import { ConnectionFailed } from './errors.js'
import { type HardenOptions, harden } from './harden.js'

export interface ClientEntityOptions extends Omit<HardenOptions, 'log'> {
  /** The account, `user@domain`; a resource in it is used if none is given. */
  jid: string
  password: string
  /** `xmpps://host:port` or `xmpp://host:port`; without it the domain's SRV records tell. */
  service?: string
  resource?: string
  /** Allows PLAIN without TLS to this very machine (tests, jabberd2). */
  allowPlain?: boolean
  /** Allows a session without TLS to another machine. The password stays secret, nothing else does. */
  allowUnencrypted?: boolean
  log?: WireLog
}

const nsStreams = 'http://etherx.jabber.org/streams'

/** @throws ConnectionFailed `bad-address` when the JID is none */
export function createClientEntity(options: ClientEntityOptions): XmppEntity {
  const { jid, password, service, allowPlain, allowUnencrypted, ...rest } = options
  const address = parseJid(jid)
  if (!address?.local) throw new ConnectionFailed('bad-address', 'an account looks like user@domain')
  const { local: username, domain } = address
  type Authenticate = (credentials: object, mechanism: string) => Promise<void>
  const entity: EntityParts = client({
    service: service ?? domain,
    domain,
    username,
    resource: options.resource ?? address.resource,
    credentials: async (authenticate: Authenticate, mechanisms: string[]) => {
      const mechanism = choose(entity, mechanisms, { allowPlain, allowUnencrypted })
      await authenticate({ username, password }, mechanism)
    },
  })
  entity.transports = transportsFor(domain, entity.transports as Transport[])
  withoutStreamManagement(entity)
  harden(entity, rest)
  return entity
}

/** The mechanisms come in our order of preference. */
function choose(
  entity: EntityParts,
  mechanisms: string[],
  allowed: { allowPlain?: boolean; allowUnencrypted?: boolean },
): string {
  const secure = entity.isSecure?.() === true
  const here = isLoopback(entity.socket?.remoteAddress)
  if (!secure && !here && !allowed.allowUnencrypted) {
    throw new ConnectionFailed('not-encrypted', 'the server offers no encryption')
  }
  const usable = mechanisms.find((each) => each.startsWith('SCRAM-'))
  if (usable) return usable
  if (mechanisms.includes('PLAIN') && (secure || (here && allowed.allowPlain))) return 'PLAIN'
  throw new ConnectionFailed(
    'no-mechanism',
    'the server offers no way to log in that keeps the password secret',
  )
}

const isLoopback = (address: string | undefined): boolean =>
  address !== undefined && /^(127\.|::1$|::ffff:127\.)/.test(address)

interface Transport {
  new (): object
  prototype: { socketParameters(service: string): object | undefined }
}

/** TCP and TLS. The certificate must be the domain's, whatever host DNS or the user names (RFC 6120 §13.7.2). */
function transportsFor(domain: string, transports: Transport[]): Transport[] {
  const isAddress = /^[\d.]+$|:/.test(domain)
  return transports
    .filter((Stock) => Stock.name !== 'ConnectionWebSocket')
    .map(
      (Stock) =>
        class extends Stock {
          socketParameters(service: string): object | undefined {
            const parameters = Stock.prototype.socketParameters(service)
            if (!parameters || isAddress || !service.startsWith('xmpps:')) return parameters
            return { ...parameters, servername: domain, ALPNProtocols: ['xmpp-client'] }
          }
        } as unknown as Transport,
    )
}

/** The server's offer of stream management is not heard: stock code then never starts it. */
function withoutStreamManagement(entity: EntityParts): void {
  const { emit } = entity
  entity.emit = (event: string, ...args: unknown[]): boolean => {
    if (event === 'element') {
      const element = args[0] as Element
      if (localName(element) === 'features' && namespaceOf(element) === nsStreams) forgetManagement(element)
    }
    return emit.call(entity, event, ...args)
  }
}

function forgetManagement(element: Element): void {
  element.children = element.children.filter(
    (child) =>
      typeof child === 'string' ||
      !(namespaceOf(child)?.startsWith('urn:xmpp:sm:') || child.attrs.var?.startsWith('urn:xmpp:sm:')),
  )
  for (const child of childElements(element)) forgetManagement(child)
}
