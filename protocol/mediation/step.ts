/**
 * One step of one transfer: who is asking, have they said it before, is it legal now, and what follows.
 *
 * The order of the questions matters: a stranger learns nothing (`item-not-found`), a party that repeats itself gets
 * the same answer, and only then is the table asked. Pure: no clock, no randomness, nothing remembered.
 */

import type { Action, Phase, Role } from './edges.js'
import { edges } from './edges.js'
import { rules, unexpected } from './rules.js'
import type { Effect, Event, Party, Proposed, Refusal, Said, Side, Stepped, Transfer } from './transfer.js'
import { isSameParty, otherSide, receivingSide, sendingSide } from './transfer.js'

/** A transfer as it is when a proposal reaches a device. */
export function propose(bound: Omit<Proposed, 'phase'>): Proposed {
  return { ...bound, phase: 'proposed' }
}

/** Takes one step. Gives the state that follows with what is to be done, or why not. */
export function step(state: Transfer, event: Event): Stepped | Refusal {
  if (event.from === 'component') return apply(state, event, ['component']) ?? { state, effects: [] }
  const side = sideOf(state, event.from)
  if (side === undefined) return { refuse: 'item-not-found' }
  const said = event as Said
  const again = repeated(state, said, side)
  if (again !== undefined) return { state, effects: again }
  const changed = contradicted(state, said, side)
  if (changed !== undefined) return changed
  const outcome = apply(state, event, rolesOf(state, side))
  if (outcome !== undefined) return outcome
  return isOthersWord(state, event.say) ? { refuse: 'forbidden' } : unexpected(state)
}

/** Which side a device is on; none for a stranger, another device of the same peer included. */
export function sideOf(state: Transfer, from: Party): Side | undefined {
  if (isSameParty(from, state.author)) return 'author'
  if (isSameParty(from, state.recipient)) return 'recipient'
  return undefined
}

function rolesOf(state: Transfer, side: Side): Role[] {
  const roles: Role[] = [side, side === sendingSide(state.kind) ? 'sending' : 'receiving']
  if (state.phase === 'running' && side !== state.opener) roles.push('answering')
  return roles
}

function apply(state: Transfer, event: Event, roles: Role[]): Stepped | Refusal | undefined {
  // The types of `rules` bind each rule to its phase and action; looking one up by name loses that.
  const of = rules[state.phase] as Partial<Record<Action, Partial<Record<Role, AnyRule>>>>
  const byRole = of[event.say]
  for (const role of roles) {
    const rule = byRole?.[role]
    if (rule !== undefined) return rule(state, event)
  }
  return undefined
}

type AnyRule = (state: Transfer, event: Event) => Stepped | Refusal

/** Whether this action is legal in this phase, only not for the one who said it. */
function isOthersWord(state: Transfer, action: Action): boolean {
  const legal: Partial<Record<Action, unknown>> = edges[state.phase satisfies Phase]
  return legal[action] !== undefined
}

/**
 * What to do about something that was said before, by the same device and for the same attempt: the same answer.
 * What opens an attempt is sent on once more, since its addresses and token may have been lost on the way.
 */
function repeated(state: Transfer, event: Said, side: Side): Effect[] | undefined {
  const reply: Effect = { do: 'reply' }
  const onceMore: Effect[] = [reply, { do: 'forward', to: otherSide(side), kept: false }]
  switch (event.say) {
    case 'accept':
      return state.phase === 'running' &&
        side === acceptor(state) &&
        event.attempt === 1 &&
        state.attempt === 1
        ? onceMore
        : undefined
    case 'append':
      return state.phase === 'running' &&
        side === receivingSide(state.kind) &&
        event.attempt === state.attempt &&
        state.attempt > 1
        ? onceMore
        : undefined
    case 'offer':
      return state.phase === 'countered' && side === 'recipient' && event.digest === state.counter
        ? [reply]
        : undefined
    case 'decline':
      return state.phase === 'declined' && state.by === side ? [reply] : undefined
    case 'complete':
      return state.phase === 'complete' && state.by === side && event.attempt === state.attempt
        ? [reply]
        : undefined
    case 'abort':
      // Also when both want to stop, or the component has given up waiting: that is what was asked for.
      if (state.phase === 'aborted') return [reply]
      return state.phase === 'aborting' && side === sendingSide(state.kind) ? [reply] : undefined
    default:
      return undefined
  }
}

/** Who accepted, while the first attempt runs. */
function acceptor(state: Transfer & { phase: 'running' }): Side {
  return state.opener
}

/** The same act again with other content. */
function contradicted(state: Transfer, event: Said, side: Side): Refusal | undefined {
  return event.say === 'offer' && state.phase === 'countered' && side === 'recipient'
    ? { refuse: 'conflict' }
    : undefined
}
