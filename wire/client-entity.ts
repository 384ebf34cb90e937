/**
 * An account's session on its server, hardened.
 *
 * Rules: a password is never sent in the clear (PLAIN only inside TLS, or to this very machine if that is allowed); without TLS there is no session at
 * all, but to this very machine; the server proves that it knows the password; stream management is not asked for, because the stock one
 * loses stanzas at its start and comes back without a word.
 */
// @ts-expect-error its types do not work with nodenext
import { client } from '@xmpp/client'
import { parseJid } from '../schemas/index.js'
import { childElements, childOf, type Element, isElement, localName, namespaceOf } from '../schemas/xml.js'
import type { EntityParts, WireLog, XmppEntity } from './entity.js'
import { ConnectionFailed } from './errors.js'
import { type HardenOptions, harden } from './harden.js'
import { chooseMechanism, isLoopback } from './mechanism.js'
import { type ScramMechanism, scram } from './scram.js'
import { bySrv, fixed } from './services.js'

export interface ClientEntityOptions extends Omit<HardenOptions, 'log' | 'services'> {
  /** The account, `user@domain`; a resource in it is used if none is given. */
  jid: string
  /** Kept in memory as long as the entity is; sent by PLAIN only as the head of this file says. */
  password: string
  /** `xmpps://host:port` or `xmpp://host:port`; without it the domain's SRV records tell. */
  service?: string
  /** Default: the server chooses one. */
  resource?: string
  /** Allows PLAIN without TLS to this very machine (tests, jabberd2). */
  allowPlain?: boolean
  /** Allows a session without TLS to another machine. The password stays secret, nothing else does. */
  allowUnencrypted?: boolean
  /** Where it is said what changes. Default: nowhere. */
  log?: WireLog
}

const nsStreams = 'http://etherx.jabber.org/streams'
const nsSasl = 'urn:ietf:params:xml:ns:xmpp-sasl'
const nsSasl2 = 'urn:xmpp:sasl:2'

/**
 * A session that comes back by itself once it has been online; `start()` rejects at a first failure (a wrong password, say).
 * @throws ConnectionFailed `bad-address` when the JID is none
 */
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
      const mechanism = chooseMechanism(mechanisms, {
        encrypted: entity.isSecure?.() === true,
        loopback: isLoopback(entity.socket?.remoteAddress),
        allowPlain,
        allowUnencrypted,
      })
      await authenticate({ username, password }, mechanism)
    },
  })
  entity.transports = transportsFor(domain, entity.transports as Transport[])
  guardNegotiation(entity)
  harden(entity, { ...rest, services: service === undefined ? bySrv(domain) : fixed(service) })
  return entity
}

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

/**
 * Puts our SCRAM in the stock one's place, and looks at what the server says first: its offer of stream management is not
 * heard (stock code then never starts it), and a `success` without the proof that belongs to it is none.
 */
function guardNegotiation(entity: EntityParts): void {
  let exchange: ScramMechanism | undefined
  const opened = (mechanism: ScramMechanism) => {
    exchange = mechanism
  }
  const factory = entity.saslFactory!
  const plain = factory._mechs.filter(({ name }) => name === 'PLAIN')
  const ours = (['SCRAM-SHA-256', 'SCRAM-SHA-1'] as const).map((name) => ({
    name,
    mech: scram(name, opened),
  }))
  factory._mechs.splice(0, factory._mechs.length, ...ours, ...plain)

  const { emit } = entity
  const pass = (event: string, args: unknown[]) => emit.call(entity, event, ...args)
  entity.emit = (event: string, ...args: unknown[]): boolean => {
    if (event === 'connecting') exchange = undefined
    if (event !== 'element' && event !== 'nonza') return pass(event, args)
    const element = args[0] as Element
    if (localName(element) === 'features' && namespaceOf(element) === nsStreams) {
      forgetManagement(element)
    } else if (
      exchange &&
      (isElement(element, 'success', nsSasl) || isElement(element, 'success', nsSasl2))
    ) {
      try {
        const proof = childOf(element, 'additional-data', nsSasl2) ?? element
        exchange.final(Buffer.from(proof.getText(), 'base64').toString())
      } catch (error) {
        return pass('error', [error])
      }
    }
    return pass(event, args)
  }
}

function forgetManagement(element: Element): void {
  element.children = element.children.filter((child) => {
    if (typeof child === 'string') return true
    return ![namespaceOf(child), child.attrs.var].some((name) => name?.startsWith('urn:xmpp:sm:'))
  })
  for (const child of childElements(element)) forgetManagement(child)
}
