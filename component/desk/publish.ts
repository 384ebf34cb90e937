/** Numbered changes of a share (docs/catalogue.md, "Changes"). What is answered is durable (P7). */

import { held, type Publish } from '../../schemas/index.js'
import type { Entry } from '../catalogue/values.js'
import type { AnswerTo } from './asker.js'
import { granted } from './refusing.js'

export const publish: AnswerTo<'publish'> = async (asker, change, { catalogue }) => {
  const { share, base, seq, removes } = change
  const adds = change.adds.map(entryOf)
  const answer = granted(await catalogue.publish({ ...asker, share }, { base, seq, adds, removes }))
  return held.write({ share, seq: answer.held, less: answer.less })
}

/** As the catalogue has it. Types of media have no case (RFC 6838, 4.2). */
export const entryOf = ({ path, root, size, modified, type, tags }: Publish['adds'][number]): Entry => ({
  path,
  root: hexOf(root),
  size,
  modified,
  ...(type !== undefined && { mediaType: type.toLowerCase() }),
  ...(tags.length > 0 && { tags }),
})

/** A root as the catalogue has it. */
export const hexOf = (root: Uint8Array) =>
  Buffer.from(root.buffer, root.byteOffset, root.length).toString('hex')
/** A root as the stream has it. */
export const bytesOfHex = (root: string) => new Uint8Array(Buffer.from(root, 'hex'))
