/** Commands that any client can show: XEP-0050, whose stages are data forms. */

import { inside, Malformed } from '../malformed.js'
import { nsCommands, nsDataForms } from '../names.js'
import { childElements, childOf, type Element, isElement, xml } from '../xml.js'
import { type DataForm, readForm, writeForm } from './data-form.js'

export const commandActions = ['execute', 'next', 'prev', 'complete', 'cancel'] as const
export type CommandAction = (typeof commandActions)[number]
export type CommandStatus = 'executing' | 'completed' | 'canceled'

/** What a client says. */
export interface CommandRequest {
  node: string
  action: CommandAction
  sessionid?: string
  form?: DataForm
}

/** What it is answered. */
export interface CommandAnswer {
  node: string
  sessionid: string
  status: CommandStatus
  /** For `executing`: which actions may follow, and the one that is meant by `execute`. */
  actions?: { allowed: readonly ('prev' | 'next' | 'complete')[]; execute?: 'next' | 'complete' }
  notes?: { type: 'info' | 'warn' | 'error'; text: string }[]
  form?: DataForm
}

/** Characters of a node and of a session's id. */
const maxNode = 256
const maxSession = 128

/**
 * Reads a command.
 * @throws Malformed when it is another element, or has no node, an unknown action or a text that is too long
 */
export function readCommand(command: Element): CommandRequest {
  if (!isElement(command, 'command', nsCommands)) throw new Malformed('command', 'not this element')
  const { node, sessionid, action: said = 'execute' } = command.attrs
  if (node === undefined || node === '') throw new Malformed('command/@node', 'missing')
  if (node.length > maxNode) throw new Malformed('command/@node', 'too long')
  if (sessionid !== undefined && sessionid.length > maxSession)
    throw new Malformed('command/@sessionid', 'too long')
  const action = commandActions.find((known) => known === said)
  if (!action) throw new Malformed('command/@action', 'not a known word')
  const request: CommandRequest = { node, action }
  if (sessionid !== undefined) request.sessionid = sessionid
  const x = childOf(command, 'x', nsDataForms)
  if (x) request.form = inside('command', () => readForm(x))
  return request
}

/** Writes what a command is answered. */
export function writeCommand({ node, sessionid, status, actions, notes, form }: CommandAnswer): Element {
  return xml(
    'command',
    { xmlns: nsCommands, node, sessionid, status },
    actions && xml('actions', { execute: actions.execute }, ...actions.allowed.map((name) => xml(name))),
    ...(notes ?? []).map(({ type, text }) => xml('note', { type }, text)),
    form && writeForm(form),
  )
}

/** The actions that an answer allows: for tests and for our own command. */
export function allowedActions(command: Element): string[] {
  const actions = childOf(command, 'actions', nsCommands)
  return actions ? childElements(actions).map((child) => child.name) : []
}
