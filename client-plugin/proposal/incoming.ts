/**
 * What the component sends on, given to the transfer it is about. Everything is in the journal when a handler returns.
 *
 * Rules: a proposal is known by its sid and shown once; who is meant by an id is only ever one of our own proposals to that
 * very peer; what is about nothing we know is answered `item-not-found`, and ended where it is of an attempt; an opening of something
 * that ended is answered by the end.
 */

import { type ActionValues, bareJid, type FileDescription, type Routing } from '../../schemas/index.js'
import { Refused } from '../../wire/index.js'
import type { Heard } from '../mediator/ear.js'
import type { Register } from '../register.js'
import { fromHex, toHex } from '../transfer/hex.js'
import type { AnyTransfer, Bound } from '../transfer/kinds.js'
import { ReceivingTransfer } from '../transfer/receiving.js'
import { SendingTransfer } from '../transfer/sending.js'
import { SpreadTransfer } from '../transfer/spread.js'
import { declinedBecause, endFor } from '../transfer/words.js'
import type { FileFacts, Front } from './front.js'

/** The handlers of all actions. */
export function incoming(register: Register, front: Front): Heard {
  const known = ({ sid, id }: Routing): AnyTransfer | undefined => {
    const bySid = sid === undefined ? undefined : register.bySid(sid)
    return bySid ?? (id === undefined ? undefined : register.byOwnId(id))
  }
  /** The transfer that is meant: by its sid, or by the id of a proposal of ours to that peer. */
  const meant = (routing: Routing): AnyTransfer => {
    const { peer } = routing
    const found = known(routing)
    if (found === undefined || (peer !== undefined && bareJid(peer) !== found.peer)) {
      throw Refused.by('not-found')
    }
    return found
  }
  /** As `meant`, where it is between two devices: an offer to every one is not. */
  const single = (routing: Routing): Bound => {
    const found = meant(routing)
    if (found instanceof SpreadTransfer) throw Refused.by('not-found')
    return found
  }
  /** As `meant`, and bound to the sid and device of the words from now on. */
  const bound = (routing: Routing): Bound => {
    const found = meant(routing)
    const { sid, device } = routing
    if (found instanceof SpreadTransfer) {
      if (sid === undefined) throw Refused.by('malformed')
      return register.add(found.partFor(sid, device)) as SendingTransfer
    }
    if (sid === undefined || found.record.sid === sid) return found
    // Another device's transfer of the same proposal: it has one taker, and that is not this one any more.
    if (found.record.sid !== undefined && found.record.phase !== 'countered') throw Refused.by('not-found')
    const binding = { sid, ...(device && { device }) }
    // What the words make of it is noted right behind this, and is waited for; nothing is where it is over already.
    if (found.isOver || found.record.saying?.action === 'abort') found.note(binding)
    else found.noteSoon(binding)
    register.hasSid(found)
    return found
  }

  /**
   * The sending side's wish to end it is decided by our last word, also where this journal was lost or is an older copy, and knows
   * nothing of a yes that was said here. To what has ended at the component such a word does nothing.
   */
  const answerWish = ({ sid, reason }: ActionValues['abort']): void => {
    if (sid === undefined || endFor(reason) !== 'aborted') return
    const { mouth } = register.around
    const known = register.bySid(sid)
    if (known === undefined) {
      mouth.mention({ action: 'abort', value: { sid, reason: 'failed' } })
      return
    }
    if (!(known instanceof ReceivingTransfer)) return
    const { phase, attempt, root, saying } = known.record
    if (phase === 'running' || saying !== undefined) return
    if (phase === 'complete' && root !== undefined) {
      mouth.mention({ action: 'complete', value: { sid, attempt, root: fromHex(root) } })
    } else mouth.mention({ action: 'abort', value: { sid, reason: 'failed' } })
  }

  /**
   * Somebody is in the middle of a transfer with this device, and its journal, which could be read, knows nothing of it: it was lost, or
   * is an older copy. He is to know, and not to try on for thirty days. Lists of shares are in no journal (share/offer-list.ts).
   */
  const endUnknown = (routing: Routing): void => {
    const { sid, peer } = routing
    const { mouth } = register.around
    const isList = peer !== undefined && bareJid(peer) === mouth.component
    if (sid === undefined || isList || known(routing) !== undefined) return
    mouth.mention({ action: 'abort', value: { sid, reason: 'failed' } })
  }
  /** What is said in the course of a transfer that both sides have begun. */
  const inCourse =
    <V extends Routing>(heard: (value: V) => void) =>
    (value: V): void => {
      endUnknown(value)
      heard(value)
    }

  /** What somebody proposed to us begins, and ends well, only after a yes that was said here: no word of others makes it so (P8). */
  const begun = <T extends AnyTransfer>(transfer: T): T => {
    if (isOwn(transfer) || transfer.record.phase !== 'proposed') return transfer
    throw Refused.by('forbidden')
  }

  return {
    offer: (value) => {
      const { sid, id, peer, device, files, desc } = value
      const file = files[0]
      if (sid === undefined || peer === undefined || file === undefined) throw Refused.by('malformed')
      const known = register.bySid(sid)
      if (known?.record.direction === 'receiving' && !isOwn(known)) return
      const own = id === undefined ? undefined : register.byOwnId(id)
      if (own instanceof ReceivingTransfer && own.peer === bareJid(peer)) {
        if (own.record.phase !== 'proposed' || own.record.saying?.action === 'abort') return
        own.wasSaid({
          sid,
          phase: 'countered',
          counter: { filename: file.filename, ...factsOf(file) },
          ...(device && { device }),
        })
        register.hasSid(own)
        front.showCounter(own)
        return
      }
      // It is another's already.
      if (known !== undefined) throw Refused.by('not-found')
      if (front.isFull) throw Refused.by('busy')
      const transfer = register.add({
        id: id ?? sid,
        sid,
        authored: false,
        direction: 'receiving',
        peer: bareJid(peer)!,
        ...(device && { device }),
        filename: file.filename,
        ...factsOf(file),
        ...(desc !== undefined && { description: desc }),
        ...(files.length > 1 && { several: true as const }),
        phase: 'proposed',
        attempt: 0,
        created: Date.now(),
      })
      front.showOffer(transfer as ReceivingTransfer)
    },

    request: (value) => {
      const { sid, id, peer, device, filename, share, path, filesize, filebytesdone, root, desc } = value
      if (sid === undefined || peer === undefined) throw Refused.by('malformed')
      if (register.bySid(sid) !== undefined) return
      if (front.isFull) throw Refused.by('busy')
      const asked = {
        filebytesdone: filebytesdone ?? 0,
        ...(filesize !== undefined && { filesize }),
        ...(root && { root: toHex(root) }),
      }
      const transfer = register.add({
        id: id ?? sid,
        sid,
        authored: false,
        direction: 'sending',
        peer: bareJid(peer)!,
        ...(device && { device }),
        filename,
        ...(share !== undefined && { share }),
        ...(path !== undefined && { path }),
        ...(desc !== undefined && { description: desc }),
        asked,
        phase: 'proposed',
        attempt: 0,
        created: Date.now(),
      })
      front.showRequest(transfer as SendingTransfer)
    },

    accept: inCourse((value) => {
      const transfer = begun(bound(value))
      const words = { attempt: value.attempt, ...ways(value) }
      if (transfer.isOver) return sayEnd(transfer)
      if (transfer instanceof SendingTransfer) {
        transfer.onOpening({ ...words, filebytesdone: value.filebytesdone ?? 0 })
        return
      }
      const file = value.files[0]
      if (file === undefined || value.files.length > 1) throw Refused.by('malformed')
      if (transfer.record.phase !== 'proposed') {
        // Said once more, since its addresses may have been lost: the attempt that runs needs no more.
        transfer.onAnswer(words)
        return
      }
      front.acceptedRequest(transfer, words, factsOf(file))
    }),

    append: inCourse((value) => {
      const transfer = begun(single(value))
      if (transfer.isOver) return sayEnd(transfer)
      if (!(transfer instanceof SendingTransfer)) throw Refused.by('forbidden')
      const { attempt, filebytesdone } = value
      transfer.onOpening({ attempt, filebytesdone, ...ways(value) })
    }),

    listening: inCourse((value) => single(value).onAnswer({ attempt: value.attempt, ...ways(value) })),
    connecting: inCourse((value) => single(value).onAnswer({ attempt: value.attempt, ...ways(value) })),
    timeout: inCourse((value) => single(value).onTimeout(value.attempt)),

    queued: (value) => {
      const transfer = single(value)
      if (transfer instanceof ReceivingTransfer) transfer.onQueued(value.place)
      else transfer.onHeldUp(value.reason)
    },

    ready: inCourse((value) => {
      const transfer = single(value)
      if (transfer instanceof ReceivingTransfer) transfer.onReady()
    }),

    decline: (value) => {
      const transfer = meant(value)
      // One device of several said no: the others may still say yes.
      if (transfer.record.authored && !value.over && transfer.record.sid !== value.sid) return
      transfer.end('declined', declinedBecause(value.reason, value.block))
    },

    abort: (value) => {
      answerWish(value)
      const transfer = meant(value)
      if (value.sid === undefined && value.reason === 'user') {
        // Nobody is left who could accept.
        transfer.end('declined', declinedBecause('user', false))
      } else transfer.onAbort(value.reason)
    },

    complete: (value) => {
      const transfer = begun(single(value))
      if (transfer instanceof SendingTransfer) transfer.onComplete(value)
    },
  }
}

const isOwn = (transfer: AnyTransfer): boolean => transfer.record.authored

/** An opening of something that ended here: the other side is to know. */
function sayEnd(transfer: AnyTransfer): void {
  if (transfer.record.phase === 'complete' || transfer.record.saying !== undefined) return
  transfer.put({ action: 'abort', reason: 'user' })
}

function ways<W, T extends Uint8Array>({ way, token }: { way?: W | undefined; token?: T | undefined }) {
  return { ...(way && { way }), ...(token && { token }) }
}

function factsOf({ filesize, root, mediaType }: FileDescription): FileFacts {
  return { filesize, ...(root && { root: toHex(root) }), ...(mediaType && { mediaType }) }
}
