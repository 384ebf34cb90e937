/**
 * The component's log: one JSON object a line (pino). Secrets, tokens and addresses are never given to it at info or above;
 * what peers wrote is one line, escaped and capped (case 106).
 */

import { type DestinationStream, type Logger, pino } from 'pino'
import type { LogLevel } from './config/config.js'

const longestText = 200

/** A peer's text as it may stand in a log: printable ASCII and letters of any script, nothing that moves a cursor. */
export function quoted(text: string): string {
  const head = text.length > longestText ? `${text.slice(0, longestText)}…` : text
  return head.replace(/[\p{C}\p{Zl}\p{Zp}\\]/gu, (sign) => `\\u{${sign.codePointAt(0)!.toString(16)}}`)
}

/** Makes the log; without a destination it writes to standard output. */
export function makeLog(level: LogLevel, destination?: DestinationStream): Logger {
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { peer: quoted, err: pino.stdSerializers.err },
  }
  return destination ? pino(options, destination) : pino(options)
}
