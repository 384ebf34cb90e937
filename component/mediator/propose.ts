/**
 * Offers and requests: recorded once under the id that their author gave them. Then they are brought to every device of the recipient
 * that is logged in (bringing.ts), and later to those that log in before they end (arrive.ts).
 *
 * Whether the recipient exists, is here, or wants to hear of it, shows in nothing that is answered, nor in its time (P23): nothing here
 * looks who is logged in.
 */

import { createHash } from 'node:crypto'
import { offered, proposalEnds } from '../../protocol/mediation/index.js'
import {
  type Action,
  type Element,
  type FileDescription,
  field,
  type Offer,
  offer as offerCodec,
  parseJid,
  quota,
  writeAction,
} from '../../schemas/index.js'
import { Refused } from '../../wire/index.js'
import type { Session } from '../attendance/logins.js'
import { refuseTooBig } from '../limits/largest.js'
import type { Transaction } from '../store/batches.js'
import type { NewOffer } from '../store/offers.js'
import { usedUp } from './allowance.js'
import { largestAtHand, type Proposal } from './delivering.js'
import type { Mediation, Outcome } from './mediation.js'
import type { Publisher } from './published.js'

/** Records an offer or request, to be brought. The same again is answered the same (case 10). */
export function propose(
  transaction: Transaction,
  mediation: Mediation,
  me: Session,
  said: Proposal,
  /** Of what is requested by share and path. */
  publisher?: Publisher,
): Outcome {
  const { id, peer, sid } = said.value
  if (sid !== undefined) return Refused.by('malformed', field(`${said.action}/@sid`))
  if (id === undefined) return Refused.by('malformed', field(`${said.action}/@id`))
  if (peer === undefined) return Refused.by('malformed', field(`${said.action}/@peer`))
  const unidentified = said.action === 'offer' ? refuseUnidentified(said.value.files) : undefined
  if (unidentified) return unidentified
  const { store, now, afterCommit } = transaction
  const { words, text, digest } = fixed(said)
  const tooBig = refuseTooBig(text)
  if (tooBig) return tooBig
  const before = store.offers.named(me.party.peer, id)
  if (before) {
    return before.author === me.row && before.digest === digest ? undefined : Refused.by('conflict')
  }
  const jid = parseJid(peer)
  if (jid === undefined) return Refused.by('jid-malformed')
  // It is not a question of who is here: nobody ever is, and it would wait for a week.
  if (jid.domain === mediation.domain) return Refused.by('not-acceptable', field(`${said.action}/@peer`))
  // Before any bound is looked at: whoever may not see it is to learn nothing else either (P11).
  const isShared = said.action === 'request' && said.value.share !== undefined
  if (isShared && publisher === undefined) return Refused.by('not-found')
  const tooMuch = refuseTooMuch(transaction, mediation, me, jid.bare)
  if (tooMuch) return tooMuch
  // What is remembered of one author is bounded, also for one who makes and takes back without end (P16).
  if (mediation.timeToTrim(me.party.peer)) {
    store.offers.trim(me.party.peer, mediation.limits.finishedPerAuthor)
  }
  const every = said.action === 'offer' && said.value.every
  const asked = said.action === 'offer' ? said.value.expires : undefined
  const made: NewOffer = {
    author: me.row,
    authorPeer: me.party.peer,
    name: id,
    kind: said.action,
    recipient: jid.bare,
    resource: isShared ? null : (jid.resource ?? null),
    digest,
    payload: text,
    made: now,
    ends: proposalEnds(now, asked === undefined ? undefined : Date.parse(asked)),
    state: offered(
      every,
      publisher?.device ?? said.value.device,
      said.action === 'offer' ? rootOf(said.value.files) : undefined,
    ),
  }
  const offer = store.offers.add(made)
  store.acquaintances.note(me.party.peer, jid.bare, now)
  const atHand = text.length <= largestAtHand ? words : undefined
  afterCommit(() => mediation.bring(me.party.peer, offer, atHand))
  return undefined
}

/** What was said, in its one canonical form, without what only we may stamp. */
function fixed(said: Proposal): { words: Element; text: string; digest: string } {
  const { sid: _, stamp: __, ...value } = said.value
  const action = { action: said.action, value } as Action
  const words = writeAction(action)
  // As ltx writes it: what is stored was, and the same words have to have the same digest for ever.
  const text = words.toString()
  return { words, text, digest: createHash('sha256').update(text).digest('base64') }
}

/** What is put forward instead of what was requested, told from other things by this. */
export function digestOf(value: Offer): string {
  const { sid: _, id: __, peer: ___, device: ____, stamp: _____, ...content } = value
  return createHash('sha256').update(offerCodec.write(content).toString()).digest('base64')
}

/** The root of a single file, in hex: what the transfer of it has to come to (P1). */
export function rootOf(files: readonly FileDescription[]): string | undefined {
  const root = files.length === 1 ? files[0]!.root : undefined
  return root && Buffer.from(root).toString('hex')
}

/** A file is one thing, known by its root, or by the promise of one (case 99). */
export function refuseUnidentified(files: readonly FileDescription[]): Outcome {
  const missing = files.some((file) => file.root === undefined && !file.rootLater)
  return missing ? Refused.by('not-acceptable', field('file/hash')) : undefined
}

function refuseTooMuch(
  { store: { offers } }: Transaction,
  { limits }: Mediation,
  me: Session,
  recipient: string,
): Outcome {
  const { peer } = me.party
  const isKnown = offers.isKnownTo(recipient, peer)
  const over = usedUp(offers.waitingFor(recipient), peer, recipient, isKnown, limits)
  if (over !== undefined) return Refused.by('quota', over)
  const { pendingPerAuthor: most } = limits
  const unfinished = offers.unfinishedBy(peer, most)
  return unfinished >= most ? Refused.by('quota', quota(unfinished, most)) : undefined
}
