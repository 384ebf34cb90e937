/** A UPnP router of the old kind, and one with whims: what is asked again, and how. */

import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { expect } from 'chai'
import { MappingFailed } from '../../../link/mapping/router.js'
import { fieldOf } from '../../../link/mapping/router-xml.js'
import { UpnpRouter } from '../../../link/mapping/upnp.js'
import { freePort } from '../../../scripts/free-port.js'

interface Asked {
  action: string
  port: string | undefined
  lease: string | undefined
}

describe('a UPnP router', () => {
  let server: Server
  let asked: Asked[]
  let router: UpnpRouter
  /** What it says to a wish for a port: the fields of its answer, or the number of its refusal. */
  let answer: (asked: Asked) => string | number

  async function standing(type: string): Promise<void> {
    asked = []
    server = createServer(async (request, to) => {
      const body = await text(request)
      const action = /#(\w+)"$/.exec(request.headers.soapaction as string)![1]!
      const one = { action, port: fieldOf(body, 'NewExternalPort'), lease: fieldOf(body, 'NewLeaseDuration') }
      asked.push(one)
      const said =
        action === 'GetExternalIPAddress'
          ? '<NewExternalIPAddress>25.0.1.2</NewExternalIPAddress>'
          : answer(one)
      const fault = `<s:Fault><detail><UPnPError><errorCode>${said}</errorCode></UPnPError></detail></s:Fault>`
      to.writeHead(typeof said === 'number' ? 500 : 200).end(
        typeof said === 'number' ? fault : `<R>${said}</R>`,
      )
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const control = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/ctl`)
    const own = { gateway: '127.0.0.1', own: '127.0.0.1' }
    router = new UpnpRouter(own, { type: `urn:schemas-upnp-org:service:${type}`, control })
  }
  afterEach(() => void server.close())

  const wishes = (): Asked[] => asked.filter(({ action }) => /^Add/.test(action))

  it('of version 1 is asked for another port when ours is taken', async () => {
    await standing('WANIPConnection:1')
    answer = () => (wishes().length < 3 ? 718 : '')
    const mapping = await router.map(24_000, undefined)
    expect(wishes().map(({ action }) => action)).to.deep.equal(Array(3).fill('AddPortMapping'))
    expect(wishes()[0]).to.include({ port: '24000', lease: '1800' })
    expect(mapping).to.deep.equal({
      ip: '25.0.1.2',
      port: Number(wishes()[2]!.port),
      inner: 24_000,
      lifetimeS: 1_800,
    })
    expect(mapping.port).to.not.equal(24_000)
    await router.unmap(mapping)
    expect(asked.at(-1)).to.include({ action: 'DeletePortMapping', port: String(mapping.port) })
  })

  it('that has no free port for us is not asked for ever', async () => {
    await standing('WANPPPConnection:1')
    answer = () => 718
    const error = await router.map(24_000, undefined).catch((reason: unknown) => reason)
    expect(error).to.be.instanceOf(MappingFailed).and.include({ code: 'refused', status: 718 })
    expect(wishes()).to.have.length(4)
  })

  it('that keeps mappings only for ever gets one for ever', async () => {
    await standing('WANIPConnection:1')
    answer = ({ lease }) => (lease === '0' ? '' : 725)
    expect(await router.map(24_000, undefined)).to.include({ port: 24_000, lifetimeS: 0 })
  })

  it('that keeps mappings for ever is freed of what a killed program has left there, and of nothing else', async () => {
    await standing('WANIPConnection:1')
    const used = createServer().listen(0)
    await once(used, 'listening')
    const inUse = (used.address() as AddressInfo).port
    const entry = (inner: number, outer: number, changes: Record<string, string> = {}) =>
      Object.entries({
        NewRemoteHost: '',
        NewExternalPort: String(outer),
        NewProtocol: 'TCP',
        NewInternalPort: String(inner),
        NewInternalClient: '127.0.0.1',
        NewPortMappingDescription: 'jabberfs',
        NewLeaseDuration: '0',
        ...changes,
      })
        .map(([name, value]) => `<${name}>${value}</${name}>`)
        .join('')
    const free = await freePort()
    const entries = [
      entry(inUse, 40_001),
      entry(free, 40_002),
      entry(free, 40_003, { NewInternalClient: '192.168.1.9' }),
      entry(free, 40_004, { NewPortMappingDescription: 'another' }),
      entry(free, 40_005, { NewLeaseDuration: '1200' }),
      entry(free, 40_006, { NewExternalPort: 'many' }),
    ]
    let listed = 0
    answer = ({ action, lease }) => {
      if (action === 'GetGenericPortMappingEntry') return entries[listed++] ?? 713
      return action !== 'AddPortMapping' || lease === '0' ? '' : 725
    }
    expect(await router.map(24_000, undefined)).to.include({ lifetimeS: 0 })
    const taken = asked.filter(({ action }) => action === 'DeletePortMapping').map(({ port }) => port)
    expect(taken).to.deep.equal(['40002'])
    used.close()
  })

  it('of version 2 chooses the port, which must be one', async () => {
    await standing('WANIPConnection:2')
    answer = () => '<NewReservedPort>31000</NewReservedPort>'
    expect(await router.map(24_000, undefined)).to.include({ port: 31_000 })
    expect(wishes()[0]!.action).to.equal('AddAnyPortMapping')
    for (const wrong of ['0', '65536', '-1', 'many', '']) {
      answer = () => `<NewReservedPort>${wrong}</NewReservedPort>`
      const error = await router.map(24_000, undefined).catch((reason: unknown) => reason)
      expect(error).to.include({ code: 'malformed' })
    }
  })

  it('that says something senseless, or nothing, has no text of its own in our logs', async () => {
    await standing('WANIPConnection:1')
    answer = () => 501
    const error = await router.map(24_000, undefined).catch((reason: Error) => reason.message)
    expect(error).to.equal('upnp: refused 501')
    server.closeAllConnections()
    server.close()
    expect(await router.map(24_000, undefined).catch((reason: Error) => reason.message)).to.equal(
      'upnp: unreachable',
    )
  })
})
