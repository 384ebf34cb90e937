/**
 * A list, page after page: up to what was wanted, or until the person has seen enough. One page is held at a time, and
 * the next is fetched when the last was read, so that a hundred thousand rows cost no memory.
 */
import { setTimeout as wait } from 'node:timers/promises'
import type { FileTransferError, Page, PageWish } from '../../client-plugin/index.js'
import type { ListedKind, ListWish } from '../catalogue-words.js'
import type { Conversation } from './conversation.js'

/** The most that a page may have. */
const mostInPage = 100
const firstPauseMs = 500
const longestPauseMs = 8_000

/**
 * Reports a list.
 * @param ask fetches one page
 * @param tell reports one item; `no` counts from 1
 */
export async function list<T>(
  of: ListedKind,
  { max = Number.POSITIVE_INFINITY, rows }: ListWish,
  ask: (wish: PageWish) => Promise<Page<T>>,
  tell: (item: T, no: number) => void,
  conversation: Conversation,
  signal: AbortSignal,
): Promise<void> {
  let shown = 0
  let after: string | undefined
  let untilQuestion = rows ?? Number.POSITIVE_INFINITY
  for (;;) {
    const wanted = Math.min(mostInPage, max - shown, untilQuestion)
    const page = await askAtAPace(
      ask,
      { max: wanted, signal, ...(after === undefined ? {} : { after }) },
      signal,
    )
    for (const item of page.items.slice(0, wanted)) tell(item, ++shown)
    untilQuestion -= page.items.length
    after = page.next
    const known = page.count === undefined ? {} : { count: page.count }
    // A page that is not full says nothing about the end: it may be full by bytes, or its rest was taken back.
    const isLast = after === undefined || (page.count !== undefined && shown >= page.count)
    if (isLast || shown >= max) {
      conversation.report({ report: 'page', of, shown, ...known, more: !isLast, asked: false })
      return
    }
    await conversation.caughtUp()
    if (untilQuestion <= 0) {
      const answer = answerToPage(conversation, signal)
      conversation.report({ report: 'page', of, shown, ...known, more: true, asked: true })
      if (!(await answer)) return
      untilQuestion = rows!
    }
    if (signal.aborted) return
  }
}

/** A component answers so many questions a second: who asks for a long list waits a little now and then. */
async function askAtAPace<T>(
  ask: (wish: PageWish) => Promise<Page<T>>,
  wish: PageWish,
  signal: AbortSignal,
): Promise<Page<T>> {
  for (let pauseMs = firstPauseMs; ; pauseMs *= 2) {
    try {
      return await ask(wish)
    } catch (error) {
      const tooFast = (error as FileTransferError).code === 'too-fast'
      if (!tooFast || pauseMs > longestPauseMs) throw error
      await wait(pauseMs, undefined, { signal })
    }
  }
}

function answerToPage({ onRemark }: Conversation, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const end = (more: boolean) => {
      stop()
      signal.removeEventListener('abort', onAbort)
      resolve(more)
    }
    const onAbort = () => end(false)
    const stop = onRemark((remark) => {
      if (remark.remark === 'answer' && remark.to === 'page') end(remark.accept)
    })
    signal.addEventListener('abort', onAbort, { once: true })
  })
}
