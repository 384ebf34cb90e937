/** `--json`: each report is one line on stdout, errors too. Peers' text is as it came, and inert as JSON. */
import { jsonLine } from '../showable.js'
import type { Screen } from './screen.js'

/** A screen for programs. */
export function jsonScreen(): Screen {
  const write = (value: unknown) => {
    process.stdout.write(`${jsonLine(value)}\n`)
  }
  return {
    isForPrograms: true,
    show: write,
    fail: (trouble) => write({ report: 'error', ...trouble }),
    note() {},
    close() {},
  }
}
