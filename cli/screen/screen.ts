/** How reports reach the person or the program: a terminal with bars, plain lines, or JSON lines. */
import type { Report, Trouble } from '../words.js'
import { askOn } from './ask.js'
import { jsonScreen } from './json.js'
import { linesScreen } from './lines.js'
import { terminalScreen } from './terminal.js'

export type Answer = 'yes' | 'no' | 'always' | 'later' | 'more' | 'quit'

export interface Screen {
  /** JSON lines: nothing is left out, nothing is asked. */
  readonly isForPrograms: boolean
  show(report: Report): void
  /** Shows why the command ends. */
  fail(trouble: Trouble): void
  /** One line that is neither a report nor an error. */
  note(text: string): void
  /** Asks; undefined where nobody can be asked. The question is fit for a terminal already. */
  ask?(question: string, answers: Answer[], signal?: AbortSignal): Promise<Answer>
  close(): void
}

/** The screen that fits where the output goes. */
export function openScreen(options: { json: boolean }): Screen {
  if (options.json) return jsonScreen()
  if (!process.stdout.isTTY) return linesScreen()
  // One that cannot move its cursor (Emacs, a serial console) is read like a pipe, and can be asked like any other.
  return process.env.TERM === 'dumb' ? { ...linesScreen(), ...asking() } : terminalScreen()
}

function asking(): Pick<Screen, 'ask'> {
  if (!process.stdin.isTTY) return {}
  return {
    ask: (question, answers, signal) =>
      askOn({ input: process.stdin, output: process.stdout }, question, answers, signal),
  }
}
