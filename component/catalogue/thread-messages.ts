/** What is said between the main thread and those of the catalogue. */

import type { Opened } from './open-catalogue.js'

/** A call of an operation. */
export interface Call {
  id: number
  operation: string
  values: unknown[]
  /** For queries, in ms. */
  deadline?: number
}

export interface FaultSaid {
  message: string
  code: string | undefined
}

/** The answer to a call, or first of all that the thread is ready; or how the disk is. */
export type Said =
  | { id: number; value: unknown }
  | { id: number; fault: FaultSaid }
  | { ready: Opened }
  | News

/** What the writer says unasked: the disk fails; it is well again, with the file that it was or another. */
export type News = { news: 'fault'; fault: FaultSaid } | { news: 'recovered'; opened: Opened }

/** An error in a form that survives the way between threads. */
export function faultSaid(error: unknown): FaultSaid {
  const code = error instanceof Error && 'code' in error ? String(error.code) : undefined
  return { message: error instanceof Error ? error.message : String(error), code }
}
