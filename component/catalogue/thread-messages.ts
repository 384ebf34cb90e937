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

/** The answer to a call, or first of all that the thread is ready. */
export type Said =
  | { id: number; value: unknown }
  | { id: number; fault: { message: string; code: string | undefined } }
  | { ready: Opened }

/** An error in a form that survives the way between threads. */
export function faultSaid(error: unknown): { message: string; code: string | undefined } {
  const code = error instanceof Error && 'code' in error ? String(error.code) : undefined
  return { message: error instanceof Error ? error.message : String(error), code }
}
