/** A log that remembers, for tests. */
import type { WireLog } from '../../wire/index.js'

export interface Line {
  level: string
  fields: Record<string, unknown>
  message: string
}

export function logbook(): { log: WireLog; lines: Line[]; above: (level: string) => Line[] } {
  const lines: Line[] = []
  const levels = ['debug', 'info', 'warn', 'error'] as const
  const log = Object.fromEntries(
    levels.map((level) => [
      level,
      (fields: object, message: string) =>
        lines.push({ level, fields: fields as Record<string, unknown>, message }),
    ]),
  ) as unknown as WireLog
  return {
    log,
    lines,
    above: (least) =>
      lines.filter(({ level }) => levels.indexOf(level as 'debug') >= levels.indexOf(least as 'debug')),
  }
}
