/** A transfer has stopped before a device that is not known: who gave the order is asked, and the answer carried out. */
import {
  FileTransferError,
  type Transfer,
  type TrustedDevices,
  type UnknownDevice,
} from '../../client-plugin/index.js'
import type { DeviceAnswer, DeviceReport } from '../device-words.js'
import { endedSoon } from './aborting.js'
import type { Conversation } from './conversation.js'

/** What is told of a device that is not known. */
export async function unknownLook(
  { peer, device, known, transfers }: UnknownDevice,
  trust: TrustedDevices,
  own: Promise<string>,
): Promise<Omit<Extract<DeviceReport, { report: 'unknown-device' }>, 'asked'>> {
  return {
    report: 'unknown-device',
    peer,
    device,
    digits: trust.digits(device),
    ownDigits: trust.digits(await own),
    known: known.filter(({ standing }) => standing !== 'revoked').length,
    transfers: transfers.length,
  }
}

/**
 * Asks about a device that this transfer waits for. Trusted, it goes on; refused, it is aborted; else it stays paused.
 * @param asked those that were asked about before; the one that is asked about now is added
 * @returns whether somebody was asked, and so it is to be looked at again
 * @throws FileTransferError `aborted` where it was refused
 */
export async function askAboutDevice(
  transfer: Transfer,
  asked: Set<string>,
  { trust, device: own }: { trust: TrustedDevices; device: Promise<string> },
  conversation: Conversation,
): Promise<boolean> {
  const concerned = (waiting: Transfer) => waiting === transfer || transfer.parts.includes(waiting)
  const question = trust
    .unknown(transfer.peer)
    .find(({ device, transfers }) => !asked.has(device) && transfers.some(concerned))
  if (question === undefined) return false
  const { peer, device } = question
  asked.add(device)
  const look = await unknownLook(question, trust, own)
  const answer = answerAbout(device, conversation)
  conversation.report({ ...look, asked: true })
  switch (await answer) {
    case 'yes':
      await trust.trust(peer, device)
      return true
    case 'no':
      for (const waiting of question.transfers.filter(concerned)) await waiting.abort()
      // Other devices may still take an offer to every one.
      if (!question.transfers.includes(transfer)) return true
      // Who is there hears of it at once, and it is over; else it is said that it is not.
      await endedSoon(transfer)
      throw new FileTransferError('aborted')
    case 'later':
      return true
  }
}

function answerAbout(device: string, { onRemark, gone }: Conversation): Promise<DeviceAnswer> {
  return new Promise((resolve) => {
    const end = (answer: DeviceAnswer) => {
      stop()
      gone.removeEventListener('abort', onGone)
      resolve(answer)
    }
    const onGone = () => end('later')
    const stop = onRemark((remark) => {
      if (remark.remark === 'pause') end('later')
      else if (remark.remark === 'device' && remark.device === device) end(remark.answer)
    })
    gone.addEventListener('abort', onGone, { once: true })
    if (gone.aborted) end('later')
  })
}
