/** `serve`: the daemon. Shares, watches, answers, and receives by rule; a clean end leaves nothing paused. */
import type { FileTransfer } from '../../client-plugin/index.js'
import type { CatalogueOrder } from '../catalogue-words.js'
import { exits } from '../exit-codes.js'
import type { Conversation } from './conversation.js'
import { receive } from './receiving.js'
import { stay } from './staying.js'

/** @returns the exit code, when it is ended */
export async function serve(
  files: FileTransfer,
  order: Extract<CatalogueOrder, { order: 'serve' }>,
  conversation: Conversation,
): Promise<number> {
  const { into, onConflict, from, serve: folder } = order
  conversation.report({
    report: 'serving',
    shares: files.shares.list().length,
    ...(into === undefined ? {} : { into }),
  })
  const staying = stay(files, conversation, { matches: true, resumes: true })
  if (into !== undefined || folder !== undefined) {
    // It tells of the transfers already; here only offers and requests are heard.
    receive(
      files,
      {
        order: 'receive',
        into: into ?? '',
        onConflict,
        from,
        unasked: true,
        asks: false,
        once: false,
        ...(folder === undefined ? {} : { serve: folder }),
      },
      conversation,
      false,
    )
  }
  await staying
  return exits.done.exit
}
