/** Picking up what the journal holds unfinished: what is got goes on, what is unanswered is shown again. */

import type { ResumeOptions, Transfer } from './api.js'
import { FileTransferError } from './errors.js'
import type { Getting } from './getting/getting.js'
import type { Gettings } from './getting/gettings.js'
import { type Front, isUnanswered } from './proposal/front.js'
import { via } from './proposal/own.js'
import type { Register } from './register.js'
import type { AnyTransfer } from './transfer/kinds.js'
import { localTrouble } from './transfer/local-trouble.js'
import { ReceivingTransfer } from './transfer/receiving.js'
import { SendingTransfer } from './transfer/sending.js'

export interface Resuming {
  gettings: Gettings
  register: Register
  front: Front
  tell(transfer: Transfer): void
  report(trouble: FileTransferError): void
}

/** @param key only this one @throws FileTransferError `unknown-transfer`, `bad-option` */
export async function resumeAll(
  { gettings: got, register, front, tell, report }: Resuming,
  key: string | undefined,
  options: ResumeOptions,
): Promise<Transfer[]> {
  const resumed: Transfer[] = []
  const chosen = via(options)
  const goOn = async (transfer: Getting | AnyTransfer) => {
    try {
      if (chosen.via !== undefined) transfer.goBy(chosen.via)
      await transfer.resume()
    } catch (error) {
      report(localTrouble(error))
    }
  }
  const gettings = got.all().filter(({ id }) => key === undefined || id === key)
  for (const getting of gettings) {
    if (getting.isOver) continue
    resumed.push(getting)
    tell(getting)
    await goOn(getting)
  }
  if (key !== undefined && gettings.length > 0) return resumed
  for (const transfer of key === undefined ? register.all() : [named(register, key)]) {
    // What is part of something goes on with it; what one device has of an offer also by itself.
    const isPart = transfer.record.partOf !== undefined
    if (transfer.isOver || (isPart && (key === undefined || transfer.direction === 'receiving'))) continue
    if (isUnanswered(transfer.record)) {
      if (transfer instanceof ReceivingTransfer) front.showOffer(transfer)
      else if (transfer instanceof SendingTransfer) front.showRequest(transfer)
      continue
    }
    resumed.push(transfer)
    tell(transfer)
    const isCountered = transfer.record.phase === 'countered' && transfer.record.saying === undefined
    if (isCountered && transfer instanceof ReceivingTransfer) front.showCounter(transfer)
    await goOn(transfer)
  }
  return resumed
}

function named(register: Register, key: string): AnyTransfer {
  const found = register.named(key)
  if (found === undefined) throw new FileTransferError('unknown-transfer', key)
  return found
}
