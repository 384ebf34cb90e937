/**
 * `request`: I want to get this from you. In 2002: GET_PROPOSAL, and with `append` and `filebytesdone`
 * GET_PROPOSAL_RESUME. Name and path are looked up in what the other side publishes, never in its file system.
 */

import { pathValue, shareIdValue } from '../catalogue/words.js'
import { type Codec, mapped, record } from '../codec.js'
import { attribute, child, type Described, flag, optional } from '../fields.js'
import { Malformed } from '../malformed.js'
import { filenameValue, filesizeValue } from './file.js'
import { rootField } from './hash.js'
import { ns, routing } from './routing.js'
import { desc, filebytesdone } from './words.js'

const shape = {
  ...routing,
  /** The share it is in, as it was published; then there is a path too. */
  share: optional(attribute('share', shareIdValue)),
  desc: optional(desc),
  filename: child('filename', filenameValue),
  /** Where it is in the share, as it was published. Its last name is the filename. */
  path: optional(child('path', pathValue)),
  /** The size the asker knows the file by. */
  filesize: optional(child('filesize', filesizeValue)),
  /** Part of it is held already. */
  append: flag('append'),
  filebytesdone: optional(filebytesdone),
  /** The content the asker knows the file by. */
  root: optional(rootField),
}

export type FileRequest = Described<typeof shape>

function consistent(request: FileRequest): FileRequest {
  const { share, path, filename } = request
  if ((share === undefined) !== (path === undefined)) {
    throw new Malformed(share === undefined ? '@share' : 'path', 'missing')
  }
  if (path !== undefined && path.slice(path.lastIndexOf('/') + 1) !== filename) {
    throw new Malformed('filename', 'not the last name of the path')
  }
  return request
}

export const request: Codec<FileRequest> = mapped(record('request', ns, shape), consistent, consistent)
