/** What a component is told: where its server is, who it is, where its state lies, and its limits. */

import { defaultQuotas } from '../catalogue/limits.js'
import type { PaceLimits } from '../desk/pace.js'
import type { GateLimits } from '../limits/gate.js'
import type { MediationLimits } from '../mediator/mediation.js'

export interface ComponentLimits extends MediationLimits, GateLimits {}

/** What the catalogue is for, and how much it takes. */
export interface CatalogueConfig extends PaceLimits {
  /** Who may use it: domains, bare JIDs, `*` for everybody. */
  users: readonly string[]
  entriesPerPeer: number
  /** Of all peers together. */
  entries: number
}

export interface ComponentConfig {
  /** Its own address, e.g. `files.example.org`. */
  domain: string
  /** The server's component port, e.g. `xmpp://127.0.0.1:5347`. */
  server: string
  /** What it and the server know. Never logged. */
  secret: string
  /** Folder of its database. */
  state: string
  logLevel: LogLevel
  /** The port at which whole lists are taken (docs/catalogue.md, "The whole list"); 0: closed. */
  listPort: number
  /** An IP literal to listen at; all interfaces if not said. */
  listHost?: string
  /** IP literals to announce instead of the machine's own: where the port is forwarded from elsewhere. */
  listAnnounce?: readonly string[]
  /** Bare JIDs of those who may look after it with their own clients (XEP-0050). */
  admins: readonly string[]
  limits: ComponentLimits
  catalogue: CatalogueConfig
}

export const logLevels = ['silent', 'error', 'warn', 'info', 'debug'] as const
export type LogLevel = (typeof logLevels)[number]

/** The limits of an operator who sets none. */
export const usualLimits: Readonly<ComponentLimits> = {
  pendingPerPair: 16,
  pendingPerRecipient: 128,
  pendingPerAuthor: 512,
  finishedPerAuthor: 2_048,
  devicesPerPeer: 64,
  perJid: { perSecond: 200, burst: 1_000 },
  perDomain: { perSecond: 1_000, burst: 5_000 },
}

/** The server that a component belongs to by its name: `example.org` for `files.example.org`. */
export const homeOf = (domain: string) => domain.slice(domain.indexOf('.') + 1)

/** The catalogue of an operator who says nothing about it: it is for the users of the server it belongs to. */
export const usualCatalogue = (domain: string): CatalogueConfig => ({
  users: [homeOf(domain)],
  entriesPerPeer: defaultQuotas.entriesPerPeer,
  entries: defaultQuotas.entries,
  asking: { perSecond: 20, burst: 200 },
  askingPerDomain: { perSecond: 200, burst: 1_000 },
  changing: { perSecond: 25, burst: 250 },
  changingPerDomain: { perSecond: 100, burst: 1_000 },
})
