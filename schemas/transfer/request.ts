/**
 * `request`: I want to get this from you. In 2002: GET_PROPOSAL, and with `append` and `filebytesdone`
 * GET_PROPOSAL_RESUME. The name is looked up in what the other side publishes, never in its file system.
 */

import { type Codec, record } from '../codec.js'
import { child, type Described, flag, optional } from '../fields.js'
import { filenameValue, filesizeValue } from './file.js'
import { rootField } from './hash.js'
import { ns, routing } from './routing.js'
import { desc, filebytesdone } from './words.js'

const shape = {
  ...routing,
  desc: optional(desc),
  filename: child('filename', filenameValue),
  /** The size the asker knows the file by. */
  filesize: optional(child('filesize', filesizeValue)),
  /** Part of it is held already. */
  append: flag('append'),
  filebytesdone: optional(filebytesdone),
  /** The content the asker knows the file by. */
  root: optional(rootField),
}

export type FileRequest = Described<typeof shape>
export const request: Codec<FileRequest> = record('request', ns, shape)
