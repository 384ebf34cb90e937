/** Two attempts that are told of each other, as the component would; and what a test of paths puts between them. */

import { randomBytes } from 'node:crypto'
import { Duplex } from 'node:stream'
import type { AttemptOptions, Candidate, InbandOffer, Link, LinkAttempt } from '../../../link/index.js'
import { newToken, receivingAttempt, sendingAttempt } from '../two-devices.js'

export interface Met {
  sending: LinkAttempt
  receiving: LinkAttempt
  announced: { sending: Candidate[]; receiving: Candidate[] }
}

/** Both announce what they have, and dial what the other has; `between` changes what is told. */
export async function meet(
  options: { sending?: Partial<AttemptOptions>; receiving?: Partial<AttemptOptions> },
  between: (candidates: Candidate[], from: 'sending' | 'receiving') => Candidate[] | Promise<Candidate[]> = (
    same,
  ) => same,
): Promise<Met> {
  const token = newToken()
  const sending = sendingAttempt({ token, listen: false, ...options.sending })
  const receiving = receivingAttempt({ token, listen: false, ...options.receiving })
  const [ofSending, ofReceiving] = await Promise.all([sending.candidates(), receiving.candidates()])
  const told = [await between(ofSending, 'sending'), await between(ofReceiving, 'receiving')] as const
  receiving.dial(told[0])
  sending.dial(told[1])
  return { sending, receiving, announced: { sending: ofSending, receiving: ofReceiving } }
}

export async function linksOf({ sending, receiving }: Met): Promise<{ sending: Link; receiving: Link }> {
  const [one, other] = await Promise.all([sending.link, receiving.link])
  return { sending: one, receiving: other }
}

/** A name for a stream at a proxy. */
export const newDst = (): string => randomBytes(20).toString('hex')

/** Two ends of one stream that is no socket. */
export function streamPair(): [Duplex, Duplex] {
  const ends: Duplex[] = []
  for (const other of [1, 0]) {
    ends.push(
      new Duplex({
        read: () => {},
        write: (chunk, _, done) => {
          setImmediate(() => {
            if (ends[other]?.destroyed === false) ends[other].push(chunk)
            done()
          })
        },
        final: (done) => {
          if (ends[other]?.destroyed === false) ends[other].push(null)
          done()
        },
        destroy: (error, done) => {
          setImmediate(() => ends[other]?.destroy())
          done(error)
        },
      }),
    )
  }
  return [ends[0]!, ends[1]!]
}

/** Streams inside XMPP between two full JIDs, without XMPP. */
export function inbandOffers(): { one: InbandOffer; other: InbandOffer; readonly opened: number } {
  const waiting = new Map<string, (stream: Duplex) => void>()
  let opened = 0
  const offerOf = (jid: string, sid: string): InbandOffer => ({
    jid,
    sid,
    accept: () => new Promise((resolve) => waiting.set(`${jid} ${sid}`, resolve)),
    dial: async (toJid, toSid) => {
      const accept = waiting.get(`${toJid} ${toSid}`)
      if (accept === undefined) throw new Error('nobody waits')
      const [near, far] = streamPair()
      opened++
      accept(far)
      return near
    },
  })
  return {
    one: offerOf('faust@goethe.example/a', 'stream-of-faust'),
    other: offerOf('mephisto@goethe.example/b', 'stream-of-mephisto'),
    get opened() {
      return opened
    },
  }
}
