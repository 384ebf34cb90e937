/** One order being carried out: reports go to whoever gave it, remarks come from there. */
import type { Order, Remark, Report } from '../words.js'

export interface Conversation {
  report(report: Report): void
  /** Hears what the person says meanwhile. @returns how to stop hearing */
  onRemark(listener: (remark: Remark) => void): () => void
  /** Aborted when whoever gave the order went away. Nothing is to be said any more then. */
  readonly gone: AbortSignal
}

/** Carries an order out. @returns the exit code */
export type CarryOut = (order: Order, conversation: Conversation) => Promise<number>
