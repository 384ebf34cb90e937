/**
 * What the component says of one offered list, waited for: each wait ends with the word, with the signal, after its time, or as
 * soon as somebody asks that it be looked at again.
 */

import type { Accept, Reason } from '../../schemas/index.js'
import { FileTransferError } from '../errors.js'

export interface OfferWords {
  accepted(words: Accept): void
  ended(how: 'complete' | Reason): void
  /** Ends the present wait, or else the next one, as if its time were over. */
  lookAgain(): void
  /** Where to bring it; nothing where its end was said instead. @throws FileTransferError `component-away` after so many ms; the signal's reason */
  accept(ms: number): Promise<Accept | undefined>
  /** How it ended. @throws as `accept` */
  end(ms: number): Promise<'complete' | Reason>
}

/** The words on one offer, until the signal fires. */
export function waitFor(signal: AbortSignal): OfferWords {
  let accepted: (words: Accept | undefined) => void = () => {}
  let ended: (how: 'complete' | Reason) => void = () => {}
  const accept = new Promise<Accept | undefined>((resolve) => {
    accepted = resolve
  })
  const end = new Promise<'complete' | Reason>((resolve) => {
    ended = resolve
  })
  let isToLook = false
  const later = () => {
    isToLook = true
  }
  let looks = later
  const within = async <T>(wanted: Promise<T>, ms: number): Promise<T> => {
    signal.throwIfAborted()
    const leftMs = isToLook ? 0 : ms
    isToLook = false
    let letGo = () => {}
    const over = new Promise<never>((_, reject) => {
      const late = () => reject(new FileTransferError('component-away', 'no answer about a list'))
      const stop = () => reject(signal.reason)
      const timer = setTimeout(late, leftMs)
      signal.addEventListener('abort', stop)
      looks = late
      letGo = () => {
        looks = later
        clearTimeout(timer)
        signal.removeEventListener('abort', stop)
      }
    })
    try {
      return await Promise.race([wanted, over])
    } finally {
      letGo()
    }
  }
  return {
    accepted,
    ended(how) {
      ended(how)
      accepted(undefined)
    },
    lookAgain: () => looks(),
    accept: (ms) => within(accept, ms),
    end: (ms) => within(end, ms),
  }
}
