/** The words of both sides, from the journal: no address and no token is in any of them. */

import type { Action, FileDescription } from '../../schemas/index.js'
import type { Saying, TransferRecord } from '../journal/record.js'
import { fromHex } from './hex.js'

/** A saying as it goes over the wire. */
export function spoken(record: TransferRecord, saying: Saying): Action {
  const { sid, id } = record
  switch (saying.action) {
    case 'offer':
      return { action: 'offer', value: offered(record) }
    case 'request':
      return { action: 'request', value: { ...toPeer(record), ...wanted(record) } }
    case 'counter':
      return { action: 'offer', value: { sid: sid!, every: false, files: [described(record)] } }
    case 'decline': {
      const { block, reason } = saying
      return { action: 'decline', value: { sid: sid!, block, over: false, ...(reason && { reason }) } }
    }
    case 'abort':
      // Until somebody has accepted, an author knows his proposal by its id only.
      return { action: 'abort', value: { ...(sid ? { sid } : { id }), reason: saying.reason } }
    case 'complete': {
      const { attempt, root } = record
      return { action: 'complete', value: { sid: sid!, attempt, root: fromHex(root!) } }
    }
    default:
      throw new Error(`${saying.action} is said with the addresses of its attempt`)
  }
}

/** What is said about the file that is sent. */
export function described({ filename, filesize, mediaType, root }: TransferRecord): FileDescription {
  return {
    filename,
    filesize: filesize!,
    ...(mediaType && { mediaType }),
    ...(root && { root: fromHex(root) }),
    hashes: [],
    rootLater: root === undefined,
  }
}

function offered(record: TransferRecord) {
  const { every = false, expires } = record
  return { ...toPeer(record), every, ...(expires && { expires }), files: [described(record)] }
}

function toPeer({ id, to, onlyDevice, description }: TransferRecord) {
  return {
    id,
    peer: to!,
    ...(onlyDevice && { device: onlyDevice }),
    ...(description !== undefined && { desc: description }),
  }
}

function wanted({ filename, share, path, asked, part }: TransferRecord) {
  const named = { filename, ...(share !== undefined && { share }), ...(path !== undefined && { path }) }
  if (asked === undefined) return { ...named, append: false }
  const { filesize, filebytesdone, root } = asked
  const append = part !== undefined
  return {
    ...named,
    append,
    ...(append && { filebytesdone }),
    ...(filesize !== undefined && { filesize }),
    ...(root && { root: fromHex(root) }),
  }
}
