/** What a share is called and whom it is for, as a person gave it: checked and folded by the rules of the wire. */

import { Malformed, maxShareName, share as shareCodec } from '../../schemas/index.js'
import type { ShareOptions, VisibleTo } from '../api.js'
import { FileTransferError } from '../errors.js'
import type { ShareSettings } from './keeper-messages.js'

/**
 * The settings that are given, folded as the component will have them; those not given are left out.
 * @throws FileTransferError `bad-option`
 */
export function readShareOptions({ name, tags, visibleTo }: ShareOptions): Partial<ShareSettings> {
  const whole = {
    id: 'checkedhere',
    name: name ?? 'name',
    tags: [...new Set(tags ?? [])],
    visibility: visibleTo ?? { kind: 'everybody' as const },
  }
  try {
    const folded = shareCodec.read(shareCodec.write(whole))
    return {
      ...(name !== undefined && { name: folded.name }),
      ...(tags !== undefined && { tags: folded.tags }),
      ...(visibleTo !== undefined && { visibleTo: folded.visibility as VisibleTo }),
    }
  } catch (error) {
    if (!(error instanceof Malformed)) throw error
    throw new FileTransferError('bad-option', `share, ${error.path}`, { cause: error })
  }
}

/** A share's name that is made of its folder's. */
export function nameOfFolder(folder: string): string {
  const own = folder.split(/[/\\]/).findLast((part) => part !== '') ?? ''
  const carried = own.replace(/[\u0000-\u001f\u007f-\u009f\ufffe\uffff]/g, '').trim()
  const name = [...carried].slice(0, maxShareName).join('')
  return name === '' ? 'files' : name
}
