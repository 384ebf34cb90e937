/** Who our person's contacts are, whom he blocks, and what follows from it: whose offers are shown, and who is written to. */

import type { XmppEntity } from '../../wire/index.js'
import type { Journal } from '../journal/journal.js'
import type { Settings } from '../options.js'
import { Blocked } from './blocked.js'
import { PlainMessages } from './plain-messages.js'
import { Roster } from './roster.js'
import { Welcome } from './welcome.js'

export interface PeopleAround {
  readonly entity: XmppEntity
  readonly settings: Settings
  readonly journal: Journal
  /** Fires when the plugin is stopped. */
  readonly stopped: AbortSignal
  /** Who is welcome may have changed. */
  changed(): void
  /** Whom our person blocks is known, or has changed. */
  blocksChanged(): void
  fault(error: unknown): void
}

export class People {
  readonly blocked: Blocked
  readonly welcome: Welcome
  readonly messages: PlainMessages

  constructor({ entity, settings, journal, stopped, changed, blocksChanged, fault }: PeopleAround) {
    const { answerDeadlineMs: timeoutMs, messageAfterMs: afterMs, messagesPerDay: perDay } = settings
    const self = () => entity.jid?.bare().toString()
    const common = { entity, timeoutMs, stopped, report: fault }
    const contacts = new Roster({ ...common, changed })
    this.blocked = new Blocked({
      ...common,
      changed: () => {
        blocksChanged()
        changed()
      },
    })
    this.welcome = new Welcome({ contacts, blocked: this.blocked, self })
    this.welcome.admit(settings.offersFrom)
    const { welcome } = this
    const { component } = settings
    this.messages = new PlainMessages({ entity, journal, welcome, self, component, afterMs, perDay, fault })
  }
}
