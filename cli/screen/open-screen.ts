/** Which screen there is: a terminal with bars, plain lines, or JSON lines. */
import { askOn } from './ask.js'
import { jsonScreen } from './json.js'
import { linesScreen } from './lines.js'
import type { Screen } from './screen.js'
import { terminalScreen } from './terminal.js'

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
