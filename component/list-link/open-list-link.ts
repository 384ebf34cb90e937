/** Opens the port for whole lists, or says why it stays closed. */

import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { keptIdentity, openDoor } from '../../link/index.js'
import type { Element } from '../../schemas/index.js'
import { codeOf } from '../../wire/index.js'
import type { Session } from '../attendance/logins.js'
import type { Speaker } from '../delivery/speaker.js'
import { ListLink } from './list-link.js'
import { Parts } from './parts.js'
import type { ListStore } from './take-in.js'

export interface ListLinkOptions {
  domain: string
  /** The component's folder. */
  state: string
  /** 0: closed. */
  port: number
  /** An IP literal to listen at; all interfaces if not said. */
  host?: string | undefined
  /** Addresses to announce instead of the machine's own. */
  announce?: readonly string[] | undefined
  store: ListStore
  speaker: Speaker
  sessionOf: (from: string) => Promise<Session>
  /** Where a device is logged in now. */
  sessionOfDevice: (row: number) => Session | undefined
  clock: () => number
  log: {
    debug(fields: object, message: string): void
    info(fields: object, message: string): void
    error(fields: object, message: string): void
  }
}

/** How long a device may take to answer a word about its list, in ms. */
const answerWithinMs = 15_000

/** Opens it. Where the port cannot be opened that is logged, and lists are refused as if it were closed. */
export async function openListLink(options: ListLinkOptions): Promise<ListLink> {
  const { domain, sessionOf, log } = options
  try {
    return new ListLink(domain, sessionOf, options.port === 0 ? undefined : await surroundings(options))
  } catch (error) {
    log.error({ err: error, code: codeOf(error), port: options.port }, 'the port for lists stays closed')
    return new ListLink(domain, sessionOf, undefined)
  }
}

async function surroundings(options: ListLinkOptions) {
  const { state, port, host, announce, store, speaker, clock, log, domain } = options
  mkdirSync(state, { recursive: true, mode: 0o700 })
  const identity = await keptIdentity(join(state, 'device.pem'))
  const isLoopback = host !== undefined && /^(127\.|::1$)/.test(host)
  const door = await openDoor({
    identity,
    port,
    ...(host !== undefined && { host }),
    ...(announce !== undefined && { announce }),
    // Only for those on this machine: an operator who names it means it.
    allowLoopback: isLoopback,
  })
  log.info({ port }, 'whole lists are taken at this port')
  const tell = (owner: Session, payload: Element) =>
    speaker.ask(options.sessionOfDevice(owner.row)?.jid ?? owner.jid, 'set', payload, answerWithinMs)
  return { door, device: identity.id, domain, parts: new Parts(state), store, tell, clock, log }
}
