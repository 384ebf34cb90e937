/** What the legs of a diagnosis share: whom to ask, what was found by asking, and how long anything may take. */

import { askDiscoInfo, askVersion, type Element, readDiscoInfo, readVersion } from '../../schemas/index.js'
import { request, type XmppEntity } from '../../wire/index.js'
import type { Finding } from '../diagnosis-api.js'
import type { Settings } from '../options.js'
import { findProxies, findServices, type Services, type StreamProxy } from '../paths/finding.js'
import type { ListOffers } from '../share/offer-list.js'

/** What a leg says of itself. */
export type Said = Omit<Finding, 'leg' | 'ms' | 'facts'> & { facts?: Finding['facts'] }

/** How long a leg may take beside what it waits for, ms. */
export const legMs = 8_000
/** How long one question may take, ms. */
const answerMs = 4_000

/** The server’s program, as far as advice depends on it. */
export type Software = 'prosody' | 'ejabberd' | 'other'

export interface GroundOptions {
  entity: XmppEntity
  settings: Settings
  /** Whether we are logged in at the component. */
  isIn: () => boolean
  lists: Pick<ListOffers, 'tryOut'>
  mapper: { map(port: number, signal?: AbortSignal): Promise<MappedLike | undefined> } | undefined
  signal: AbortSignal
}

interface MappedLike {
  ip: string
  port: number
  release(): void
}

export class Ground {
  readonly entity: XmppEntity
  readonly settings: Settings
  readonly signal: AbortSignal
  /** Undefined where the server does not say. */
  readonly services: Promise<Services | undefined>
  readonly proxies: Promise<StreamProxy[] | undefined>
  readonly software: Promise<Software>

  constructor(readonly options: GroundOptions) {
    const { entity, settings, signal } = options
    this.entity = entity
    this.settings = settings
    this.signal = signal
    const { server } = this
    const ask = <T>(question: (server: string) => Promise<T>): Promise<T | undefined> =>
      server === undefined ? Promise.resolve(undefined) : question(server).catch(() => undefined)
    this.services = ask((to) => findServices(entity, to, signal))
    this.proxies = ask((to) => findProxies(entity, to, signal))
    this.software = this.#softwareOf(server)
  }

  /** By what it says of its version, or, where it says nothing of that, as what it introduces itself (XEP-0030). */
  async #softwareOf(server: string | undefined): Promise<Software> {
    if (server === undefined) return 'other'
    const names = [
      () => this.ask(server, askVersion()).then((answer) => [readVersion(answer).name]),
      () =>
        this.ask(server, askDiscoInfo()).then((answer) =>
          readDiscoInfo(answer).identities.map(({ name }) => name ?? ''),
        ),
    ]
    for (const ask of names) {
      const known = (await ask().catch(() => [])).map(knownSoftware).find((one) => one !== 'other')
      if (known !== undefined) return known
    }
    return 'other'
  }

  /** Our server; undefined while there is no session. */
  get server(): string | undefined {
    const { entity } = this.options
    return entity.status === 'online' ? entity.jid?.domain : undefined
  }

  /** @throws what `request` throws, also for an empty answer */
  async ask(to: string, payload: Element): Promise<Element> {
    const { entity, signal } = this.options
    const answer = await request(entity, { to, type: 'get', payload, timeoutMs: answerMs, signal })
    if (answer === undefined) throw new Error('an empty answer')
    return answer
  }
}

function knownSoftware(said: string): Software {
  const name = said.toLowerCase()
  return name.includes('prosody') ? 'prosody' : name.includes('ejabberd') ? 'ejabberd' : 'other'
}

/** What is said of whatever needs a session while there is none. */
export const notConnected: Said = {
  verdict: 'skipped',
  says: 'Not tried, since there is no connection to the server.',
}
