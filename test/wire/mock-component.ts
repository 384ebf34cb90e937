/** A component of ours, online at a server that the test plays. */
import type { WireLimits, XmppEntity } from '../../wire/index.js'
import { createComponentEntity } from '../../wire/index.js'
import { type Line, logbook } from './logbook.js'
import { acceptComponent, type MockServer, mockServer } from './mock-server.js'
import type { Talk } from './talk.js'

export interface MockComponent {
  readonly server: MockServer
  readonly entity: XmppEntity
  /** The server's end. */
  readonly talk: Talk
  readonly lines: Line[]
  readonly above: (level: string) => Line[]
  stop(): Promise<void>
}

export const quickly = { least: 5, most: 20 }

export async function mockComponent(limits: Partial<WireLimits> = {}): Promise<MockComponent> {
  const server = await mockServer()
  const { log, lines, above } = logbook()
  const entity = createComponentEntity({
    service: server.service,
    domain: 'files.localhost',
    secret: 'geheim',
    log,
    limits,
    backoffMs: quickly,
  })
  const started = entity.start()
  const talk = await acceptComponent(server)
  await started
  return {
    server,
    entity,
    talk,
    lines,
    above,
    stop: async () => {
      const stopped = entity.stop()
      await server.stop()
      await stopped
    },
  }
}
