/** A component of an XMPP server (XEP-0114), hardened. */
// @ts-expect-error the package has no types
import { component } from '@xmpp/component'
import { answer } from './ask.js'
import type { WireLog, XmppEntity } from './entity.js'
import { type HardenOptions, harden } from './harden.js'

export interface ComponentEntityOptions extends Omit<HardenOptions, 'log' | 'services'> {
  /** `xmpp://host:port` of the server's component port. */
  service: string
  /** Our own address. */
  domain: string
  /** What we and the server know. It is only ever hashed. */
  secret: string
  log?: WireLog
}

/**
 * A component that stays online until it is stopped: `start()` resolves when it is online for the first time, however long that takes (`persist: false` makes the
 * first failure final). It answers pings (XEP-0199); all else is registered with `answer`.
 */
export function createComponentEntity(options: ComponentEntityOptions): XmppEntity {
  const { service, domain, secret, ...rest } = options
  const entity: XmppEntity = component({ service, domain, password: secret })
  harden(entity, rest)
  answer(entity, { type: 'get', ns: 'urn:xmpp:ping', name: 'ping', handle: () => {} })
  return entity
}
