/** Fields that several actions share. */

import { child } from '../fields.js'
import { base64, choice, text } from '../values.js'
import { filesizeValue } from './file.js'

/** Why somebody says no, or stops. */
export type Reason =
  /** a person said so */
  | 'user'
  /** another device of the same person has it */
  | 'taken'
  /** it waited too long */
  | 'expired'
  /** the file is no longer what was offered */
  | 'source-changed'
  | 'no-space'
  | 'bad-name'
  | 'file-too-large'
  /** a rule said so */
  | 'policy'
  /** the bytes do not match the hashes */
  | 'bad-data'
  | 'not-found'
  /** anything else that failed */
  | 'failed'
  /** another file of that name is not wanted */
  | 'block'
  /** a file of that name is there, and is to stay as it is */
  | 'exists'

export const reasons = [
  'user',
  'taken',
  'expired',
  'source-changed',
  'no-space',
  'bad-name',
  'file-too-large',
  'policy',
  'bad-data',
  'not-found',
  'failed',
  'block',
  'exists',
] as const satisfies readonly Reason[]

export const maxDescription = 1_024
export const maxReasonText = 200

/** What the file is, in its author's words. */
export const desc = child('desc', text(maxDescription))
export const reason = child('reason', choice<Reason>(...reasons))
/** More about the reason, for a person. */
export const reasonText = child('text', text(maxReasonText))
/** Bytes held already, from the start and without a gap. A hint: the map of held blocks on the link is what counts. */
export const filebytesdone = child('filebytesdone', filesizeValue)
/** Proves on the link that its holder was meant; used once. 32 random bytes from the receiving side. */
export const token = child('token', base64(32))
