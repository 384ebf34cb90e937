/**
 * The one thing the command throws: what is wrong, what to do, and a code that gives the exit code.
 * The plugin as a whole is loaded only by who holds the folder: a command that goes through another starts faster.
 */
import { FileTransferError } from '../client-plugin/errors.js'
import { exitOf } from './exit-codes.js'
import type { OwnCode, Trouble } from './words.js'

/** Ends the command with one line and an exit code. */
export class CommandFailed extends Error {
  override readonly name = 'CommandFailed'
  readonly trouble: Trouble

  constructor(code: OwnCode | Trouble['code'], says: string, todo: string, options?: ErrorOptions) {
    super(says, options)
    this.trouble = { code, says, todo }
  }

  get exit(): number {
    return exitOf(this.trouble.code)
  }
}

/** Where a command is what to do: the plugin's own sentences know of none. */
const todos: Partial<Record<Trouble['code'], string>> = {
  'component-away':
    'Try again in a moment. If it stays away, tell the operator; if that is not its name, `jabberfs login` looks for it anew.',
  'component-refused': 'Its operator can say why: who is kept out there is told `forbidden`.',
  'not-a-file': 'Name a file; a folder is shared (`jabberfs share DIR`), or packed first.',
  'unknown-transfer': '`jabberfs transfers` lists those that are there.',
  'unknown-share': '`jabberfs shares` lists those that are there.',
}

/** The same where nothing has begun: there is nothing to resume, and this is to be done instead. */
export function notBegun(trouble: Trouble, instead: string): Trouble {
  return { ...trouble, todo: trouble.todo.replace(/, then resume\.$/, `, then ${instead}.`) }
}

/** What a thrown thing means for the person. A fault of ours names itself, so that it can be reported. */
export function troubleOf(error: unknown): Trouble {
  if (error instanceof CommandFailed) return error.trouble
  if (error instanceof FileTransferError) {
    return { code: error.code, says: error.message, todo: todos[error.code] ?? error.todo }
  }
  const says = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  return { code: 'internal', says, todo: 'Please report it; JABBERFS_DEBUG=1 shows where it came from.' }
}
