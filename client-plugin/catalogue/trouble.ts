/** Why the catalogue gave no answer, for the person who asked (docs/catalogue.md, "Errors"). */

import { Malformed } from '../../schemas/index.js'
import { RequestFailed, RequestRefused, Unsendable } from '../../wire/index.js'
import { type FileTransferCode, FileTransferError } from '../errors.js'

/** What a failed question means. Never throws. @param component whom it was asked, to be named where that helps */
export function catalogueTrouble(error: unknown, component?: string): FileTransferError {
  if (error instanceof FileTransferError) return error
  const because = (code: FileTransferCode, detail?: string) =>
    new FileTransferError(code, detail, { cause: error })
  if (error instanceof RequestRefused) return refusalTrouble(error, component, because)
  if (error instanceof RequestFailed) {
    if (error.code === 'bad-answer') return because('component-refused', 'an answer that is too large')
    if (error.code === 'too-many') return because('too-fast')
    return error.code === 'aborted' ? because('cancelled') : because('component-away', component)
  }
  if (error instanceof Unsendable) return because('bad-option', 'text that cannot be sent')
  // Our own words are checked by the same rules as a peer's.
  if (error instanceof Malformed) return because('bad-option', error.message)
  if (error instanceof Error && error.name === 'AbortError') return because('cancelled')
  return because('internal')
}

function refusalTrouble(
  { condition, type, app }: RequestRefused,
  component: string | undefined,
  because: (code: FileTransferCode, detail?: string) => FileTransferError,
): FileTransferError {
  const away = () => because('component-away', component ? `${component} (${condition})` : condition)
  switch (condition) {
    case 'forbidden':
      return because('not-served', component)
    case 'item-not-found':
      return because('not-found')
    case 'feature-not-implemented':
      // An older component: it mediates transfers, and has no catalogue (case 112).
      return because('no-catalogue')
    case 'policy-violation':
      return type === 'wait' ? because('too-fast') : because('component-refused', condition)
    case 'resource-constraint':
      if (app?.name === 'quota') return because('quota', `${app.used} of ${app.max}`)
      return away()
    case 'jid-malformed':
      return because('bad-peer')
    case 'bad-request':
      return because('component-refused', app?.name === 'field' ? `${condition}, ${app.field}` : condition)
    default:
      return type === 'wait' ? away() : because('component-refused', condition)
  }
}
