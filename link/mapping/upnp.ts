/**
 * UPnP Internet Gateway Device, version 1 and 2: WANIPConnection:1, :2 and WANPPPConnection:1 over SOAP.
 *
 * Version 2 can choose a free port for us (AddAnyPortMapping). With version 1 a port that is taken is a refusal (718), and
 * another one is tried. A router that keeps mappings only for ever (725) gets one for ever; it is taken back like all, and
 * what a killed program has left there before is, too.
 */

import { randomInt } from 'node:crypto'
import { isIPv4 } from 'node:net'
import { portAllowed } from '../../protocol/ports.js'
import type { Network } from './gateway.js'
import { takeBackLeft } from './left-behind.js'
import { type Mapping, MappingFailed, type MappingRouter, wantedLifetimeS } from './router.js'
import { exchange } from './router-http.js'
import { escaped, fieldOf, insidesOf } from './router-xml.js'
import { atGateway, findDescription } from './ssdp.js'

const discoverMs = 3_000
const askMs = 2_000
const maxServices = 32
const portTries = 4
const conflict = 718
const onlyForEver = 725
/** By which ours are known among a router's mappings. */
const mark = 'jabberfs'

/** The services that map ports, the best first. */
const serviceTypes = ['WANIPConnection:2', 'WANIPConnection:1', 'WANPPPConnection:1'].map(
  (name) => `urn:schemas-upnp-org:service:${name}`,
)

export interface ConnectionService {
  type: string
  control: URL
}

/** Whether the router answers as a gateway device that has a connection. */
export async function findUpnp(network: Network, signal: AbortSignal): Promise<MappingRouter | undefined> {
  const description = await findDescription(network, discoverMs, signal)
  if (description === undefined) return undefined
  const answer = await exchange(description, { timeoutMs: askMs, signal })
  if (answer?.status !== 200) return undefined
  const services = readServices(answer.body, description, network.gateway)
  for (const service of services) {
    const router = new UpnpRouter(network, service)
    // A router lists connections that it does not use: the one in use has an address.
    if ((await router.outerAddress(signal).catch(() => undefined)) !== undefined) return router
  }
  return undefined
}

/** The services of a description that map ports, at the gateway's own address, the best first. */
export function readServices(xml: string, description: URL, gateway: string): ConnectionService[] {
  const found = insidesOf(xml, 'service', maxServices).flatMap((inside): ConnectionService[] => {
    const type = fieldOf(inside, 'serviceType')
    const control = atGateway(fieldOf(inside, 'controlURL') ?? '', gateway, description)
    return type !== undefined && serviceTypes.includes(type) && control !== undefined
      ? [{ type, control }]
      : []
  })
  return found.sort((a, b) => serviceTypes.indexOf(a.type) - serviceTypes.indexOf(b.type))
}

export class UpnpRouter implements MappingRouter {
  readonly protocol = 'upnp'
  private lifetimeS = wantedLifetimeS

  constructor(
    private readonly network: Network,
    private readonly service: ConnectionService,
  ) {}

  async map(inner: number, before: Mapping | undefined): Promise<Mapping> {
    const ip = await this.outerAddress()
    if (ip === undefined) throw new MappingFailed(this.protocol, 'malformed')
    const port = await this.add(inner, before?.port ?? inner)
    return { ip, port, inner, lifetimeS: this.lifetimeS }
  }

  async unmap({ port }: Mapping): Promise<void> {
    await this.call('DeletePortMapping', where(port))
  }

  /** Undefined while the connection has none. */
  async outerAddress(signal?: AbortSignal): Promise<string | undefined> {
    const answer = await this.call('GetExternalIPAddress', {}, signal)
    const ip = fieldOf(answer, 'NewExternalIPAddress') ?? ''
    return isIPv4(ip) && ip !== '0.0.0.0' ? ip : undefined
  }

  private async add(inner: number, wanted: number): Promise<number> {
    let port = wanted
    for (let tries = 1; ; tries++) {
      try {
        return await this.addAt(inner, port)
      } catch (error) {
        const status = error instanceof MappingFailed ? error.status : undefined
        if (tries === portTries || (status !== conflict && status !== onlyForEver)) throw error
        if (status === onlyForEver) {
          this.lifetimeS = 0
          await takeBackLeft((action, given) => this.call(action, given), this.network.own, mark)
        } else port = anyPort()
      }
    }
  }

  private async addAt(inner: number, port: number): Promise<number> {
    const asked = {
      ...where(port),
      NewInternalPort: inner,
      NewInternalClient: this.network.own,
      NewEnabled: 1,
      NewPortMappingDescription: mark,
      NewLeaseDuration: this.lifetimeS,
    }
    if (!this.service.type.endsWith('WANIPConnection:2')) {
      await this.call('AddPortMapping', asked)
      return port
    }
    const answer = await this.call('AddAnyPortMapping', asked)
    const reserved = Number(fieldOf(answer, 'NewReservedPort'))
    if (!Number.isInteger(reserved) || reserved < 1 || reserved > 65_535)
      throw new MappingFailed(this.protocol, 'malformed')
    return reserved
  }

  /** Says an action, its arguments in the order given, which some routers insist on. */
  private async call(
    action: string,
    given: Record<string, string | number>,
    signal?: AbortSignal,
  ): Promise<string> {
    const { type, control } = this.service
    const fields = Object.entries(given).map(
      ([name, value]) => `<${name}>${escaped(String(value))}</${name}>`,
    )
    const body = envelope(`<u:${action} xmlns:u="${type}">${fields.join('')}</u:${action}>`)
    const post = { action: `${type}#${action}`, body }
    const answer = await exchange(control, { timeoutMs: askMs, post, ...(signal && { signal }) })
    if (answer === undefined) throw new MappingFailed(this.protocol, 'unreachable')
    if (answer.status === 200) return answer.body
    const status = Number(fieldOf(answer.body, 'errorCode'))
    throw new MappingFailed(this.protocol, 'refused', Number.isInteger(status) ? status : answer.status)
  }
}

function where(port: number): Record<string, string | number> {
  return { NewRemoteHost: '', NewExternalPort: port, NewProtocol: 'TCP' }
}

function envelope(inside: string): string {
  const soap = 'http://schemas.xmlsoap.org/soap/'
  return `<?xml version="1.0"?>\r\n<s:Envelope xmlns:s="${soap}envelope/" s:encodingStyle="${soap}encoding/"><s:Body>${inside}</s:Body></s:Envelope>`
}

function anyPort(): number {
  for (;;) {
    const port = randomInt(20_000, 60_000)
    if (portAllowed(port)) return port
  }
}
