/**
 * A process that stays: its folders are watched and its files given to who asks, until it is ended. It tells how the
 * shares come on and what is sent. When it ends, nothing is paused: what moves goes on with the next process.
 */
import type { FileTransfer, ShareInfo, Transfer } from '../../client-plugin/index.js'
import { troubleOf } from '../failure.js'
import type { Report } from '../words.js'
import { hitLook } from './asking.js'
import { type Conversation, leaving } from './conversation.js'
import { follow } from './follow.js'
import { shareLook } from './share-look.js'

const stays = new WeakMap<FileTransfer, number>()

/** Whether some command keeps this process running until it is ended. */
export const isStaying = (files: FileTransfer): boolean => (stays.get(files) ?? 0) > 0

/** Counts a command that stays. @returns how to say that it stays no longer */
export function willStay(files: FileTransfer): () => void {
  stays.set(files, (stays.get(files) ?? 0) + 1)
  let over = false
  return () => {
    if (!over) stays.set(files, (stays.get(files) ?? 1) - 1)
    over = true
  }
}

/** Stays, and tells, until whoever gave the order says that it is enough. */
export async function stay(
  files: FileTransfer,
  conversation: Conversation,
  tells: { matches: boolean; resumes: boolean },
): Promise<void> {
  const { left, signal, stop } = leaving(conversation)
  const done = willStay(files)
  const report = (what: Report) => {
    if (!signal.aborted) conversation.report(what)
  }
  // Deaf to `pause`: the other side is not to wait for anybody to resume it.
  const deaf: Conversation = { ...conversation, report, onRemark: () => () => {} }
  const followed = new Set<Transfer>()
  const onTransfer = (transfer: Transfer) => {
    if (followed.has(transfer)) return
    followed.add(transfer)
    follow(transfer, deaf).finally(() => followed.delete(transfer))
  }
  let isRefused = false
  const onProgress = (info: ShareInfo) => {
    // It is about all of them: said once, until one is taken after all.
    if (info.trouble?.code === 'not-served') {
      if (!isRefused) report({ report: 'error', ...troubleOf(info.trouble) })
      isRefused = true
    } else report({ report: 'sharing', ...shareLook(info) })
  }
  const onCurrent = (info: ShareInfo) => {
    isRefused = false
    report({ report: 'shared', ...shareLook(info) })
  }
  const onMatched = ({
    id,
    hits,
    more,
  }: {
    id: string
    hits: readonly Parameters<typeof hitLook>[0][]
    more: number
  }) => report({ report: 'matched', id, hits: hits.map(hitLook), more })
  files.on('transfer', onTransfer)
  files.shares.on('progress', onProgress)
  files.shares.on('current', onCurrent)
  if (tells.matches) files.catalogue.on('matched', onMatched)
  if (tells.resumes) {
    files.resume().then(
      (transfers) => transfers.forEach(onTransfer),
      (error) => report({ report: 'error', ...troubleOf(error) }),
    )
  }
  try {
    await left
  } finally {
    done()
    stop()
    files.off('transfer', onTransfer)
    files.shares.off('progress', onProgress)
    files.shares.off('current', onCurrent)
    files.catalogue.off('matched', onMatched)
  }
}
