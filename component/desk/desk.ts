/**
 * The desk: where devices ask the catalogue on the component's stream (docs/catalogue.md). One file for each kind of
 * question; here is what all have in common.
 *
 * What holds: who may not use the catalogue, asks too often, or is not logged in gets no further; what is said is read by its
 * codec before anything is done; who asks is (bare JID, device), as attendance has it, never what a payload says.
 */

import {
  bytesOf,
  type Element,
  maxPublishBytes,
  nsCatalogue,
  type QuestionName,
  type QuestionValues,
  questions,
  stanzaTooBig,
} from '../../schemas/index.js'
import { answer, Refused, type XmppEntity } from '../../wire/index.js'
import type { Session } from '../attendance/logins.js'
import type { Catalogue } from '../catalogue/catalogue.js'
import type { Access } from './access.js'
import type { AnswerTo, Means } from './asker.js'
import { blocking } from './blocking.js'
import { browse } from './browse.js'
import type { Marks } from './marks.js'
import type { Notices } from './notices.js'
import type { Pace } from './pace.js'
import { peers } from './peers.js'
import type { Presence } from './presence.js'
import { publish } from './publish.js'
import { toSay } from './refusing.js'
import { register, unregister } from './register.js'
import { search } from './search.js'
import { share, shares, unshare } from './share.js'
import { sources } from './sources.js'
import { tags } from './tags.js'
import { Turns } from './turns.js'
import { unwatch, watch, watches } from './watch.js'

const answers: { readonly [N in QuestionName]: AnswerTo<N> } = {
  register,
  unregister,
  share,
  unshare,
  publish,
  shares,
  search,
  browse,
  peers,
  sources,
  tags,
  watch,
  unwatch,
  watches,
  blocking,
}

export interface DeskOptions {
  catalogue: Catalogue
  presence: Presence
  notices: Notices
  access: Access
  pace: Pace
  marks: Marks
  block: Means['block']
  /** Everything that comes from users passes it first. @throws Refused */
  gate: { pass(from: string): void }
  /** The device that speaks under this full JID. @throws Refused if there is none */
  sessionOf: (from: string) => Promise<Session>
  /** UTC in ms. */
  clock: () => number
}

/** Answers every question of the catalogue on this entity. */
export function openDesk(entity: XmppEntity, options: DeskOptions): void {
  const { catalogue, presence, notices, marks, block } = options
  const means: Means = { catalogue, presence, notices, marks, block }
  const turns = { get: new Turns(4), set: new Turns(2) }
  for (const name of Object.keys(answers) as QuestionName[]) {
    const handle = handleOf(name, means, turns, options)
    answer(entity, { type: questions[name].type, ns: nsCatalogue, name, handle })
  }
}

function handleOf<N extends QuestionName>(
  name: N,
  means: Means,
  turns: Record<'get' | 'set', Turns>,
  options: DeskOptions,
) {
  const { access, pace, gate, sessionOf, clock } = options
  const ask = answers[name] as AnswerTo<N>
  return async (payload: Element, { from }: { from: string }): Promise<Element | undefined> => {
    gate.pass(from)
    if (!access.allows(from)) throw Refused.by('forbidden')
    pace.pass(from, name)
    if (name === 'publish' && bytesOf(payload) > maxPublishBytes) throw Refused.by('too-big', stanzaTooBig())
    const said = questions[name].ask.read(payload) as QuestionValues[N]
    const session = await sessionOf(from)
    session.heard = clock()
    try {
      const work = () => ask(session.party, said, means)
      return await turns[questions[name].type].take(session.party.peer, work)
    } catch (error) {
      throw toSay(error)
    }
  }
}
