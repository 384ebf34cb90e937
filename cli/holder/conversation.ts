/** One order being carried out: reports go to whoever gave it, remarks come from there. */
import type { Order, Remark, Report } from '../words.js'

export interface Conversation {
  report(report: Report): void
  /** Resolves when what was reported has been read, or whoever should read it is gone: for long lists. */
  caughtUp(): Promise<void>
  /** Hears what the person says meanwhile. @returns how to stop hearing */
  onRemark(listener: (remark: Remark) => void): () => void
  /** Aborted when whoever gave the order went away. Nothing is to be said any more then. */
  readonly gone: AbortSignal
}

/** Carries an order out. @returns the exit code */
export type CarryOut = (order: Order, conversation: Conversation) => Promise<number>

/** @returns a signal that is aborted when the person says that it is enough, or goes away; call `stop` in the end */
export function leaving(conversation: Conversation): {
  signal: AbortSignal
  left: Promise<void>
  stop(): void
} {
  const controller = new AbortController()
  const leave = () => controller.abort()
  const stopHearing = conversation.onRemark(({ remark }) => {
    if (remark === 'pause') leave()
  })
  conversation.gone.addEventListener('abort', leave, { once: true })
  if (conversation.gone.aborted) leave()
  const { signal } = controller
  const left = new Promise<void>((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
  return {
    signal,
    left,
    stop() {
      stopHearing()
      conversation.gone.removeEventListener('abort', leave)
    },
  }
}
