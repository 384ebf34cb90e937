/** What a component is told: where its server is, who it is, where its state lies, and its limits. */

import type { GateLimits } from '../limits/gate.js'
import type { MediationLimits } from '../mediator/mediation.js'

export interface ComponentLimits extends MediationLimits, GateLimits {}

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
  limits: ComponentLimits
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
  perJid: { perSecond: 50, burst: 500 },
  perDomain: { perSecond: 1_000, burst: 5_000 },
}
