/**
 * The component's log: one JSON object a line (pino). Secrets, tokens and addresses are never given to it at info or above;
 * what peers wrote is one line, escaped and capped (case 106).
 */

import { type DestinationStream, type Logger, pino } from 'pino'
import type { LogLevel } from './config/config.js'

const longestText = 200
const longestStack = 2_000

/** A peer's text as it may stand in a log: printable ASCII and letters of any script, nothing that moves a cursor. */
export function quoted(text: string): string {
  const head = text.length > longestText ? `${text.slice(0, longestText)}…` : text
  return head.replace(/[\p{C}\p{Zl}\p{Zp}\\]/gu, (sign) => `\\u{${sign.codePointAt(0)!.toString(16)}}`)
}

/** An error with its causes, as far as they may stand in a log. */
function explained(error: unknown): object {
  if (!(error instanceof Error)) return { message: quoted(String(error)) }
  const { name, message, stack, cause } = error
  const { code } = error as { code?: unknown }
  return {
    type: name,
    message: quoted(message),
    ...(typeof code === 'string' && { code: quoted(code) }),
    ...(stack !== undefined && { stack: stack.slice(stack.indexOf('\n    at ') + 1).slice(0, longestStack) }),
    ...(cause !== undefined && { cause: explained(cause) }),
  }
}

/** What moves a cursor or hides what follows never reaches a terminal, wherever in a line it came from. */
function visible(line: string): string {
  const body = line.endsWith('\n') ? line.slice(0, -1) : line
  const escaped = body.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (sign) =>
    sign.replace(/[\s\S]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`),
  )
  return `${escaped}\n`
}

/** Makes the log; without a destination it writes to standard output. */
export function makeLog(level: LogLevel, destination?: DestinationStream): Logger {
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { peer: quoted, reason: quoted, err: explained },
    hooks: { streamWrite: visible },
  }
  return destination ? pino(options, destination) : pino(options)
}
