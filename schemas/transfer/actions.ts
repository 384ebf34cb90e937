/**
 * All actions of `jabberfs:transfer:1` by name. The root element of an IQ names the action, so that a router needs
 * only this table.
 */

import type { ValueOf } from '../codec.js'
import { Malformed } from '../malformed.js'
import { type Element, localName, namespaceOf } from '../xml.js'
import { abort } from './abort.js'
import { accept } from './accept.js'
import { append } from './append.js'
import { complete } from './complete.js'
import { connecting } from './connecting.js'
import { decline } from './decline.js'
import { listening } from './listening.js'
import { offer } from './offer.js'
import { queued } from './queued.js'
import { ready } from './ready.js'
import { request } from './request.js'
import { ns } from './routing.js'
import { timeout } from './timeout.js'

export const actions = {
  offer,
  request,
  accept,
  decline,
  append,
  listening,
  connecting,
  timeout,
  queued,
  abort,
  complete,
  ready,
} as const

export type ActionName = keyof typeof actions

/** Each action's value, by the action's name. */
export type ActionValues = { [N in ActionName]: ValueOf<(typeof actions)[N]> }

/** An action and its value. */
export type Action = { [N in ActionName]: { action: N; value: ActionValues[N] } }[ActionName]

/** Whether this is the name of an action. */
export function isActionName(name: string): name is ActionName {
  return Object.hasOwn(actions, name)
}

/**
 * Reads whichever action this element is.
 * @throws Malformed when it is none, or not well made.
 */
export function readAction(element: Element): Action {
  const name = localName(element)
  if (!isActionName(name) || namespaceOf(element) !== ns) throw new Malformed('', 'not an action')
  return { action: name, value: actions[name].read(element) } as Action
}

/** Writes an action. */
export function writeAction({ action, value }: Action): Element {
  return (actions[action] as { write(value: unknown): Element }).write(value)
}
