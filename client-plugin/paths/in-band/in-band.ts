/**
 * In-band streams of one session: those that are expected, and those that are open.
 *
 * Rules: an `open` is taken only under an id that was announced to that very peer, and from one of its full JIDs; a block
 * only from who opened the stream, or whom it was opened to. Everything else goes the way it would go if we were not here
 * (P9). Without the server's stream of stanzas there is none of it.
 */

import { randomBytes } from 'node:crypto'
import type { Duplex } from 'node:stream'
import type { InbandOffer } from '../../../link/index.js'
import { bareJid, inBandClose, inBandData, inBandOpen, nsInBand, parseJid } from '../../../schemas/index.js'
import { answer, Refused, type XmppEntity } from '../../../wire/index.js'
import { InBandRoom } from './pace.js'
import { InBandQueue } from './queue.js'
import { blockBytes, InBandStream } from './stream.js'

/** Streams that may be expected or open at once. */
const mostStreams = 16
/** Of them for one peer: no other is to find all taken. */
const mostOfPeer = 8

interface Expected {
  peer: string
  opened: (stream: Duplex) => void
}

export class InBand {
  readonly #room = new InBandRoom()
  readonly #expected = new Map<string, Expected>()
  /** By full JID and sid. */
  readonly #open = new Map<string, InBandStream>()
  #unhear: (() => void)[] = []

  constructor(readonly entity: XmppEntity) {}

  /** An offer for one attempt, to a bare JID; undefined where there are too many, or we are not online. */
  offer(peer: string, signal: AbortSignal): InbandOffer | undefined {
    const jid = this.entity.status === 'online' ? this.entity.jid?.toString() : undefined
    if (jid === undefined || this.#expected.size + this.#open.size >= mostStreams) return undefined
    const ofPeer = [...this.#expected.values()].filter((one) => one.peer === peer).length
    const openOfPeer = [...this.#open.keys()].filter((key) => key.startsWith(`${peer}/`)).length
    if (ofPeer + openOfPeer >= mostOfPeer) return undefined
    const sid = randomBytes(16).toString('hex')
    this.#hear()
    return {
      jid,
      sid,
      accept: () => this.#accept(sid, peer, signal),
      dial: (to, theirs) => this.#dial(to, theirs, peer, signal),
    }
  }

  /** All of it is over: the session is lost, or the plugin stops. */
  end(): void {
    for (const stream of [...this.#open.values()]) stream.destroy(new Error('in-band: the session is over'))
    this.#expected.clear()
    for (const unhear of this.#unhear.splice(0)) unhear()
  }

  #accept(sid: string, peer: string, signal: AbortSignal): Promise<Duplex> {
    return new Promise((resolve, reject) => {
      const forget = () => {
        this.#expected.delete(sid)
        reject(signal.reason)
      }
      if (signal.aborted) forget()
      signal.addEventListener('abort', forget, { once: true })
      const opened = (stream: Duplex) => {
        signal.removeEventListener('abort', forget)
        resolve(stream)
      }
      this.#expected.set(sid, { peer, opened })
    })
  }

  async #dial(to: string, sid: string, peer: string, signal: AbortSignal): Promise<Duplex> {
    if (bareJid(to) !== peer || parseJid(to)?.resource === undefined)
      throw new Error('in-band: not this peer')
    if (this.#open.size >= mostStreams) throw new Error('in-band: too many streams')
    // It is there before it is said: what comes right behind the answer is not missed.
    const queue = this.#newQueue()
    const stream = this.#begin(to, sid, blockBytes, queue)
    try {
      await queue.say(to, inBandOpen.write({ sid, blockSize: blockBytes, stanza: 'iq' }), signal)
    } catch (error) {
      stream.abandon()
      throw error
    }
    return stream
  }

  #newQueue(): InBandQueue {
    return new InBandQueue(this.entity, this.#room)
  }

  #begin(jid: string, sid: string, blockSize: number, queue = this.#newQueue()): InBandStream {
    const key = keyOf(jid, sid)
    const over = new AbortController()
    const stream = new InBandStream(
      sid,
      blockSize,
      (payload, isLast) => queue.say(jid, payload, isLast ? undefined : over.signal),
      () => {
        this.#open.delete(key)
        over.abort()
      },
    )
    this.#open.set(key, stream)
    return stream
  }

  #hear(): void {
    if (this.#unhear.length > 0) return
    const { entity } = this
    const isOpen = (payload: { attrs: Record<string, unknown> }, from: string) =>
      this.#open.has(keyOf(from, String(payload.attrs.sid)))
    const common = { type: 'set', ns: nsInBand } as const
    const lost = () => this.end()
    entity.on('disconnect', lost)
    this.#unhear = [
      () => entity.off('disconnect', lost),
      answer(entity, {
        ...common,
        name: 'open',
        takes: ({ attrs }, from) => this.#expected.get(String(attrs.sid))?.peer === bareJid(from),
        handle: (payload, { from }) => this.#opened(inBandOpen.read(payload), from),
      }),
      answer(entity, {
        ...common,
        name: 'data',
        takes: isOpen,
        handle: (payload, { from }) => {
          const { sid, seq, bytes } = inBandData.read(payload)
          const isTaken = this.#open.get(keyOf(from, sid))?.arrived(seq, bytes)
          if (isTaken !== true) throw new Refused('unexpected-request', 'cancel')
        },
      }),
      answer(entity, {
        ...common,
        name: 'close',
        takes: isOpen,
        handle: (payload, { from }) => {
          this.#open.get(keyOf(from, inBandClose.read(payload).sid))?.closedByPeer()
        },
      }),
    ]
  }

  #opened({ sid, blockSize, stanza }: ReturnType<typeof inBandOpen.read>, from: string): void {
    const expected = this.#expected.get(sid)
    // Nobody waits for it any more, or it is to go by messages, which nothing paces (XEP-0047, 2.1).
    if (expected === undefined || stanza === 'message') throw new Refused('not-acceptable', 'cancel')
    this.#expected.delete(sid)
    expected.opened(this.#begin(from, sid, blockSize))
  }
}

const keyOf = (jid: string, sid: string): string => `${jid} ${sid}`
