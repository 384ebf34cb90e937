/**
 * What a server knows of services beside it: XEP-0215, for STUN and TURN. What it answers is read leniently, and bounded;
 * a service of another type or transport is handed on, for who asks to pass over.
 */

import { Malformed } from '../malformed.js'
import { nsExternalServices } from '../names.js'
import { dateTime } from '../values.js'
import { childElements, type Element, isElement, xml } from '../xml.js'
import { isHost, portOf } from './host.js'

/** One service: `stun` or `turn`, over `udp` or `tcp`; `stuns` and `turns` are those over TLS. */
export interface ExternalService {
  type: string
  /** A name, or an IP literal. */
  host: string
  /** Absent: the usual one of that type. */
  port?: number
  transport?: string
  username?: string
  password?: string
  /** XEP-0082: until then the credentials are good. */
  expires?: string
  /** Credentials are needed; where they are not beside it, they are asked for. */
  restricted?: boolean
}

const maxServices = 32
const maxText = 1_024

/** The question for all services (XEP-0215, 3.1). */
export const askExternalServices = (): Element => xml('services', { xmlns: nsExternalServices })

/** The question for the credentials of one service (3.3). */
export function askServiceCredentials({
  type,
  host,
  port,
}: Pick<ExternalService, 'type' | 'host' | 'port'>): Element {
  const service = xml('service', { type, host, port: port === undefined ? undefined : String(port) })
  return xml('credentials', { xmlns: nsExternalServices }, service)
}

/** Writes services, in answer to either question. */
export function writeExternalServices(
  services: readonly ExternalService[],
  name: 'services' | 'credentials' = 'services',
): Element {
  const written = services.map(({ port, restricted, ...texts }) =>
    xml('service', {
      ...texts,
      port: port === undefined ? undefined : String(port),
      restricted: restricted ? '1' : undefined,
    }),
  )
  return xml(name, { xmlns: nsExternalServices }, ...written)
}

/**
 * Reads the services in an answer to either question. What is none of a service is left out.
 * @throws Malformed when it is another element
 */
export function readExternalServices(answer: Element): ExternalService[] {
  const isAnswer = ['services', 'credentials'].some((name) => isElement(answer, name, nsExternalServices))
  if (!isAnswer) throw new Malformed('services', 'not this element')
  const services: ExternalService[] = []
  for (const element of childElements(answer)) {
    if (services.length === maxServices) break
    const service = isElement(element, 'service', nsExternalServices) ? read(element) : undefined
    if (service !== undefined) services.push(service)
  }
  return services
}

function read({ attrs }: Element): ExternalService | undefined {
  const { type, host } = attrs
  if (!isText(type) || !isHost(host)) return undefined
  // What is taken back may still be in an answer (3.2).
  if (attrs.action === 'delete') return undefined
  const service: ExternalService = { type, host }
  const port = portOf(attrs.port)
  if (port !== undefined) service.port = port
  else if (attrs.port !== undefined) return undefined
  for (const name of ['transport', 'username', 'password'] as const) {
    const text = attrs[name]
    if (isText(text)) service[name] = text
  }
  if (isMoment(attrs.expires)) service.expires = attrs.expires
  if (attrs.restricted === '1' || attrs.restricted === 'true') service.restricted = true
  return service
}

const isText = (text: unknown): text is string =>
  typeof text === 'string' && text !== '' && text.length <= maxText

function isMoment(text: unknown): text is string {
  try {
    return typeof text === 'string' && dateTime.read(text) !== ''
  } catch {
    return false
  }
}
