/**
 * `receive`: offers are accepted by rule, or by the person's word; requests are answered from one folder.
 * An offer that no rule covers and nobody answers stays open: nothing is declined by silence. What cannot be taken: untaken.ts; several such
 * commands at once: in-hand.ts.
 */
import type { FileTransfer, FileTransferError, Offer, Request, Transfer } from '../../client-plugin/index.js'
import { exitOf, exits } from '../exit-codes.js'
import { notBegun, troubleOf } from '../failure.js'
import type { OfferEnd, Order } from '../words.js'
import type { Conversation } from './conversation.js'
import { follow } from './follow.js'
import { becomes, begin, isOfAnother, isTaken, letGo, type Receiver, take } from './in-hand.js'
import { ServedFolder } from './shared-folder.js'
import { willStay } from './staying.js'
import { Untaken } from './untaken.js'

type Receive = Extract<Order, { order: 'receive' }>

/** How an offer that was not answered here came to its end, by the code of why. */
const ends: Partial<Record<FileTransferError['code'], OfferEnd>> = {
  taken: 'taken',
  'aborted-by-peer': 'withdrawn',
  expired: 'expired',
}

/**
 * Runs until whoever gave the order goes away, is paused, or (`once`) one transfer has ended. What was there before it began
 * counts as the one where its file arrives; that it ends otherwise is no answer to this command.
 * @param tells whether it follows the transfers and picks up the unfinished ones; else somebody else does
 * @returns the exit code
 */
export function receive(
  files: FileTransfer,
  order: Receive,
  conversation: Conversation,
  tells = true,
): Promise<number> {
  const done = order.once ? () => {} : willStay(files)
  return new Promise((resolve) => {
    const { report, onRemark, gone } = conversation
    const from = new Set(order.from)
    const served = order.serve === undefined ? undefined : new ServedFolder(order.serve)
    const pathed = order.path === undefined ? {} : { path: order.path }
    const stopAdmitting = files.admit(order.from)
    const welcome = order.unasked ? from : new Set<string>()
    const asked = new Map<string, Offer>()
    const followed = new Set<Transfer>()
    const earlier = new WeakSet<Transfer | Offer>(files.transfers())
    const untaken = new Untaken((offer) => accept(offer), order.once)
    let isBeginning = true
    let hasEnded = false

    const end = (exit: number) => {
      hasEnded = true
      untaken.end()
      leaveOffers()
      files.off('request', onRequest)
      files.off('transfer', onTransfer)
      stopHearing()
      stopAdmitting()
      done()
      resolve(exit)
    }
    const watch = async (transfer: Transfer) => {
      if (!tells || followed.has(transfer)) return
      followed.add(transfer)
      const exit = await follow(transfer, conversation, { files })
      followed.delete(transfer)
      if (!order.once || isOfAnother(transfer, receiver)) return
      if (exit === exits.done.exit || !earlier.has(transfer)) end(exit)
    }
    const accept = async (offer: Offer) => {
      if (!take(files, offer, receiver)) return
      try {
        const transfer = await offer.accept({ into: order.into, onConflict: order.onConflict, ...pathed })
        becomes(offer, transfer)
        if (earlier.has(offer)) earlier.add(transfer)
        untaken.forget(offer)
        watch(transfer)
      } catch (error) {
        letGo(offer)
        const why = troubleOf(error)
        // Withdrawn, taken or expired before it was had: there was nothing to receive.
        const isGone = offer.gone.aborted
        const toSay = await untaken.heed(offer, why)
        const trouble = notBegun(toSay ?? why, 'begin `jabberfs receive` again: it is still offered')
        const says = `${offer.filename} from ${offer.peer}: ${trouble.says}`
        if (toSay !== undefined && !hasEnded) report({ report: 'error', ...trouble, says })
        if (order.once && !isGone) end(exitOf(trouble.code))
      }
    }
    /** Nobody need answer it any more, and whoever is asked is told why. */
    const over = ({ sid, peer, filename, gone: { reason } }: Offer) => {
      asked.delete(sid)
      const why = ends[(reason as FileTransferError).code]
      if (why !== undefined && !hasEnded) report({ report: 'offer-gone', sid, peer, filename, why })
    }
    const onOffer = (offer: Offer) => {
      // What came while it was begun is shown once more with what was there before.
      if (isBeginning && earlier.has(offer)) return
      if (isBeginning) earlier.add(offer)
      const { sid, peer, filename, filesize, description, isContact } = offer
      const byRule = isNamed(welcome, offer)
      const askedFor = !byRule && order.asks && !isTaken(offer)
      report({
        report: 'offer',
        sid,
        peer,
        filename,
        filesize,
        contact: isContact,
        ...(description === undefined ? {} : { description }),
        asked: askedFor,
      })
      offer.gone.addEventListener('abort', () => over(offer), { once: true })
      if (byRule) accept(offer)
      else if (askedFor) asked.set(sid, offer)
    }
    const lost = ({ sid, peer, filename }: Offer) => {
      if (asked.delete(sid)) report({ report: 'offer-gone', sid, peer, filename, why: 'taken-here' })
    }
    const onRequest = (request: Request) => {
      const allowed = from.size === 0 || isNamed(from, request)
      answerRequest(request, allowed ? served : undefined, report).then((transfer) => {
        if (transfer) watch(transfer)
      })
    }
    // Picked up from before: unfinished transfers of this device, and what another command began.
    const onTransfer = (transfer: Transfer) => {
      if (transfer.direction === 'receiving') watch(transfer)
    }
    const stopHearing = onRemark((remark) => {
      if (remark.remark === 'pause') {
        end(followed.size > 0 ? exits.interrupted.exit : exits.done.exit)
      } else if (remark.remark === 'answer' && asked.has(remark.to)) {
        const offer = asked.get(remark.to)!
        asked.delete(remark.to)
        if (remark.always) welcome.add(offer.peer)
        if (remark.accept) accept(offer)
        else
          offer
            .decline()
            .catch((error: FileTransferError) => report({ report: 'error', ...troubleOf(error) }))
      }
    })
    gone.addEventListener('abort', () => end(exits.done.exit), { once: true })

    const receiver: Receiver = { onOffer, lost }
    const leaveOffers = begin(files, receiver)
    files.on('transfer', onTransfer)
    if (order.serve !== undefined) files.on('request', onRequest)
    if (tells) {
      report({
        report: 'listening',
        into: order.into,
        from: [...new Set(['contacts', ...order.from])],
        ...(order.serve === undefined ? {} : { serve: order.serve }),
      })
    }
    for (const offer of files.offers()) onOffer(offer)
    isBeginning = tells
    if (!tells) return
    files
      .resume()
      .then(
        (transfers) => transfers.forEach(watch),
        (error) => report({ report: 'error', ...troubleOf(error) }),
      )
      .finally(() => {
        isBeginning = false
      })
  })
}

/** Whether these words name who offers or asks. */
function isNamed(
  words: ReadonlySet<string>,
  { peer, isContact }: { peer: string; isContact: boolean },
): boolean {
  const domain = peer.slice(peer.indexOf('@') + 1)
  return (
    words.has('everybody') || words.has(peer) || words.has(domain) || (words.has('contacts') && isContact)
  )
}

/** @returns the transfer where the file is sent. */
async function answerRequest(
  request: Request,
  folder: ServedFolder | undefined,
  report: Conversation['report'],
): Promise<Transfer | undefined> {
  const { peer, filename } = request
  try {
    const path = await folder?.find(filename)
    if (path !== undefined) {
      const transfer = await request.accept(path)
      report({ report: 'request', peer, filename, answer: 'sent' })
      return transfer
    }
    // Who may not ask learns no more than that there is nothing.
    await request.decline('not-found')
    report({ report: 'request', peer, filename, answer: folder === undefined ? 'policy' : 'not-found' })
  } catch (error) {
    report({ report: 'error', ...troubleOf(error) })
  }
  return undefined
}
