/** An accept, an append, or the answer to one, as it came: how the other side can be reached in an attempt. */

import type { Way } from '../../schemas/index.js'

export interface OpeningWords {
  attempt: number
  way?: Way
  token?: Uint8Array
  /** About how many bytes the receiving side has already. */
  filebytesdone?: number
}
