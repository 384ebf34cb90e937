/** The catalogue, joined to the component's stream: all that belongs to it, begun and ended together. */

import type { XmppEntity } from '../../wire/index.js'
import type { Session } from '../attendance/logins.js'
import { type Catalogue, openCatalogue } from '../catalogue/catalogue.js'
import type { CatalogueConfig } from '../config/config.js'
import type { Speaker } from '../delivery/speaker.js'
import type { MayGet } from '../mediator/published.js'
import { Access } from './access.js'
import { type DeskOptions, openDesk } from './desk.js'
import { Marks } from './marks.js'
import { Notices } from './notices.js'
import { Pace } from './pace.js'
import { Presence } from './presence.js'
import { keepUp } from './upkeep.js'

export { Access } from './access.js'
export { Turns } from './turns.js'

export interface JoinOptions extends Pick<DeskOptions, 'gate' | 'clock' | 'block'> {
  /** See CatalogueOptions. */
  steady?: () => number
  /** The catalogue's own file. */
  path: string
  config: CatalogueConfig
  /** The server that we are a part of. */
  home: string
  speaker: Speaker
  log: {
    info(fields: object, message: string): void
    warn(fields: object, message: string): void
    error(fields: object, message: string): void
  }
}

export interface CatalogueService {
  readonly catalogue: Catalogue
  readonly access: Access
  readonly pace: Pace
  readonly marks: Marks
  /** The device that has an entry, if a peer may see it and so get it. Rejects when that cannot be known now. */
  mayGet: MayGet
  /** A device came, or went. */
  attend(session: Session, isHere: boolean): void
  /** Answers questions on this entity. */
  answerOn(entity: XmppEntity, sessionOf: DeskOptions['sessionOf']): void
  /** The stream is lost, and with it everybody. */
  streamDown(): void
  /** Nobody is told anything any more. */
  stop(): void
  /** Writes what waits, and ends the threads. */
  close(): Promise<void>
}

/** Opens the catalogue. @throws StoreFailed */
export async function openCatalogueService(options: JoinOptions): Promise<CatalogueService> {
  const { path, config, home, speaker, gate, clock, steady, log, block } = options
  const catalogue = await openCatalogue({
    path,
    clock,
    ...(steady && { steady }),
    users: config.users,
    quotas: { entriesPerPeer: config.entriesPerPeer, entries: config.entries },
    onMatch: (watch) => notices.found(watch),
    onFault: (err) => log.error({ err }, 'the catalogue cannot be written: it is read-only until it can'),
    onRecovered: () => {
      log.info({}, 'the catalogue can be written again')
      presence.tellAgain()
    },
  })
  const { setAside, restored } = catalogue.opened
  if (setAside !== undefined) {
    log.error({ setAside, restored }, 'the catalogue was damaged and is set aside: people publish again')
  }
  const presence = new Presence(catalogue)
  const notices = new Notices({ catalogue, speaker, log })
  const access = new Access(config.users)
  const marks = new Marks()
  const pace = new Pace(config, clock, home)
  const endUpkeep = keepUp(catalogue, presence)
  return {
    catalogue,
    access,
    pace,
    marks,
    async mayGet(asker, peer, share, path) {
      if (!access.allows(asker)) return undefined
      const seen = await catalogue.canSee(asker, peer, share, path)
      if (seen.kind === 'ok') return { device: seen.device }
      if (seen.kind === 'not-found') return undefined
      throw new Error('the catalogue cannot tell now')
    },
    attend(session, isHere) {
      // Whom it is not for any more has nothing from it, and what is his ends in its time.
      if (!access.allows(session.jid)) return
      presence.attend(session, isHere)
      notices.attend(session, isHere)
    },
    answerOn: (entity, sessionOf) =>
      openDesk(entity, { catalogue, presence, notices, access, pace, marks, gate, block, sessionOf, clock }),
    streamDown: () => presence.everybodyGone(),
    stop() {
      endUpkeep()
      notices.stop()
      presence.stop()
    },
    close: () => catalogue.close(),
  }
}
