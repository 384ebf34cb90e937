/** Who asks the catalogue, and what answering takes. */

import type { Element, QuestionName, QuestionValues } from '../../schemas/index.js'
import type { Catalogue } from '../catalogue/catalogue.js'
import type { Marks } from './marks.js'
import type { Notices } from './notices.js'
import type { Presence } from './presence.js'

/** A device that is logged in. */
export interface Asker {
  /** Bare JID. */
  readonly peer: string
  readonly device: string
}

/** The device, as the catalogue knows it. */
export const deviceOf = ({ peer, device }: Asker) => ({ peer, device })

/** What the answers are made with. */
export interface Means {
  readonly catalogue: Catalogue
  readonly marks: Marks
  readonly presence: Presence
  readonly notices: Notices
  /** Has it recorded whose offers and requests are brought to no device of a peer. */
  readonly block: (peer: string, blocked: readonly string[]) => Promise<void>
}

/** Answers one kind of question: with the payload of the result, or nothing, or a Refused that is thrown. */
export type AnswerTo<N extends QuestionName> = (
  asker: Asker,
  said: QuestionValues[N],
  means: Means,
) => Promise<Element | undefined>
