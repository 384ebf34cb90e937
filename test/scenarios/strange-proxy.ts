/** A proxy for bytestreams that is of no use, as a component of the server: it hangs, or it joins nobody. */

import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { nsBytestreams, nsDiscoInfo, writeDiscoInfo, writeStreamHosts } from '../../schemas/index.js'
import type { PrivateProsody } from '../../scripts/private-prosody.js'
import { answer, createComponentEntity, Refused } from '../../wire/index.js'

export interface StrangeProxy {
  /** How often it was asked to join two. */
  readonly asked: number
  /** How often somebody connected. */
  readonly connected: number
  stop(): Promise<void>
}

/** @param how `hangs`: takes connections and says nothing; `refuses`: lets everybody in, and joins nobody */
export async function strangeProxy(
  { componentService: service, secret }: PrivateProsody,
  domain: string,
  how: 'hangs' | 'refuses',
): Promise<StrangeProxy> {
  const sockets = new Set<Socket>()
  let asked = 0
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    if (how === 'hangs') return
    socket.once('data', () => {
      socket.write(Uint8Array.of(5, 0))
      socket.once('data', (request) =>
        socket.write(Buffer.concat([Uint8Array.of(5, 0), request.subarray(2)])),
      )
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const entity = createComponentEntity({ domain, secret, service })
  const common = { ns: nsBytestreams, name: 'query' }
  const identities = [{ category: 'proxy', type: 'bytestreams' }]
  answer(entity, {
    type: 'get',
    ns: nsDiscoInfo,
    name: 'query',
    handle: () => writeDiscoInfo({ identities, features: [nsBytestreams], forms: [] }),
  })
  answer(entity, {
    ...common,
    type: 'get',
    handle: () => writeStreamHosts([{ jid: domain, host: '127.0.0.1', port }]),
  })
  answer(entity, {
    ...common,
    type: 'set',
    handle: () => {
      asked++
      throw new Refused('forbidden', 'auth')
    },
  })
  await entity.start()
  return {
    get asked() {
      return asked
    },
    get connected() {
      return sockets.size
    },
    async stop() {
      await entity.stop()
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}
