/**
 * Commands that any client can show (XEP-0050): one's own, and those of administrators, of which nobody else hears. Each
 * question carries all that it is about, so nothing is kept between its stages.
 */

import {
  type CommandRequest,
  type DataForm,
  type Element,
  escapeAttribute,
  Malformed,
  nsCommands,
  readCommand,
  valueIn,
  writeCommand,
  writeDiscoItems,
  xml,
} from '../../schemas/index.js'
import { newId, Refused } from '../../wire/index.js'
import { Turns } from '../desk/turns.js'
import { admitted, type Costs, type StockMeans } from './means.js'

/** What one stage gives: a form to fill in, or the end. */
export type Stage = { ask: DataForm } | { done: string; form?: DataForm } | { failed: string }

export interface Command {
  readonly node: string
  readonly name: string
  readonly isForAdmins?: true
  readonly costs: Costs
  /** @param filled the form that was submitted, if one was */
  run(asker: string, filled: DataForm | undefined): Promise<Stage>
}

export class Commands {
  readonly #means: StockMeans
  readonly #commands: ReadonlyMap<string, Command>
  readonly #admins: ReadonlySet<string>
  /** One command of a person after the other: none is small, and other people's are between them (P17). */
  readonly #turns = new Turns(1)

  constructor(means: StockMeans, commands: readonly Command[], admins: readonly string[]) {
    this.#means = means
    this.#commands = new Map(commands.map((command) => [command.node, command]))
    this.#admins = new Set(admins)
  }

  /** `disco#items` of the node of commands. @throws Refused */
  list(from: string): Element {
    const asker = admitted(this.#means, from, 'browse')
    const items = [...this.#commands.values()]
      .filter((command) => this.#may(asker, command))
      .map(({ node, name }) => ({ jid: this.#means.domain, node, name }))
    return writeDiscoItems(items, nsCommands)
  }

  /** A command that this asker may say, by its node. */
  named(asker: string, node: string): Command | undefined {
    const command = this.#commands.get(node)
    return command !== undefined && this.#may(asker, command) ? command : undefined
  }

  /** Carries out what somebody says. @throws Refused, Malformed */
  async say(from: string, payload: Element): Promise<Element> {
    const request = readCommand(payload)
    const asker = admitted(this.#means, from, this.#commands.get(request.node)?.costs ?? 'browse')
    const command = this.named(asker, request.node)
    if (command === undefined) throw Refused.by('not-found')
    const sessionid = request.sessionid ?? newId()
    const { node } = command
    if (request.action === 'cancel') return writeCommand({ node, sessionid, status: 'canceled' })
    // There is no stage before a form: who wants to go back does not want it carried out (XEP-0050, 4.4).
    if (request.action === 'prev') throw Refused.by('malformed', xml('bad-action', { xmlns: nsCommands }))
    const stage = await this.#turns.take(asker, () => command.run(asker, submitted(request)))
    if ('ask' in stage) {
      const actions = { allowed: ['complete' as const], execute: 'complete' as const }
      return writeCommand({ node, sessionid, status: 'executing', actions, form: stage.ask })
    }
    const note =
      'failed' in stage
        ? { type: 'error' as const, text: stage.failed }
        : { type: 'info' as const, text: stage.done }
    const form = 'form' in stage ? stage.form : undefined
    return writeCommand({ node, sessionid, status: 'completed', notes: [note], ...(form && { form }) })
  }

  #may(asker: string, { isForAdmins }: Command): boolean {
    return isForAdmins !== true || this.#admins.has(asker)
  }
}

/** The form, unless it is one that was sent along with the first word or cancelled. */
function submitted({ form }: CommandRequest): DataForm | undefined {
  return form?.type === 'submit' ? form : undefined
}

/** What was chosen or written in a field. @throws Malformed if nothing was */
export function chosen(form: DataForm, name: string): string {
  const value = valueIn(form, name)?.trim()
  if (value === undefined || value === '') throw new Malformed(`command/x/field (${name})`, 'missing')
  return value
}

/** What a table or a list of choices may take of a stanza, in bytes: names and addresses of people can be long. */
const bytesOfRows = 30_000

/** Those that fit into a stanza, from the first. */
export function fittingRows<T extends object>(rows: readonly T[]): T[] {
  let left = bytesOfRows
  return rows.filter((row) => {
    const cell = (text: unknown) => Buffer.byteLength(escapeAttribute(String(text))) + 60
    left -= Object.values(row).reduce((bytes, text) => bytes + cell(text), 40)
    return left >= 0
  })
}

/** A result as a table, as long as a stanza may be. */
export function tableOf(
  title: string,
  columns: Record<string, string>,
  items: Record<string, string>[],
): DataForm {
  const reported = Object.entries(columns).map(([name, label]) => ({
    var: name,
    type: 'text-single' as const,
    label,
    values: [],
  }))
  return { type: 'result', title, fields: [], reported, items: fittingRows(items) }
}
