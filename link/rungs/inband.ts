/**
 * A stream inside XMPP (XEP-0047), for what passes nothing else. The sending side announces one, the receiving side opens
 * it, since it is the one that decides when. Who opens it can be somebody else: TLS and the token decide.
 */

import type { Duplex } from 'node:stream'
import type { Candidate, InbandCandidate } from '../../protocol/candidates.js'
import { Connection } from '../connection.js'
import type { InbandOffer } from '../gathering.js'
import type { Ground, Rung } from './rung.js'

export class Inband implements Rung {
  readonly kind = 'inband'
  private theirs: InbandCandidate | undefined
  /** Sending side: the other may yet open ours. */
  private waits = false
  private begun = false
  /** Receiving side: what we open is under way. */
  private opens = false

  constructor(
    private readonly ground: Ground,
    private readonly offer: InbandOffer | undefined,
  ) {}

  get hasTried(): boolean {
    return this.begun && this.theirs !== undefined
  }

  get isLeft(): boolean {
    return this.waits || this.opens || (!this.begun && this.theirs !== undefined)
  }

  async gather(): Promise<Candidate[]> {
    const { offer, ground } = this
    if (offer === undefined || ground.side === 'receiving' || ground.signal.aborted) return []
    // Who is told of it may open it before we hear of anything.
    this.waits = true
    this.accept(offer)
    return [{ kind: 'inband', jid: offer.jid, sid: offer.sid }]
  }

  hear(theirs: readonly Candidate[]): void {
    if (this.ground.side === 'sending' || this.offer === undefined) return
    this.theirs = theirs.find((one) => one.kind === 'inband')
  }

  begin(): void {
    if (this.begun) return
    this.begun = true
    if (this.offer !== undefined && this.theirs !== undefined) this.open(this.offer, this.theirs)
  }

  unfinished(): string | undefined {
    return this.isLeft ? 'the other side has not come' : undefined
  }

  close(): void {
    this.waits = false
  }

  private async accept(offer: InbandOffer): Promise<void> {
    const stream = await offer.accept().catch(() => undefined)
    this.waits = false
    if (stream !== undefined) this.ground.admit(stream, { kind: 'inband', dialled: false, remote: '' })
    else this.failed()
  }

  private async open(offer: InbandOffer, { jid, sid }: InbandCandidate): Promise<void> {
    const { ground } = this
    this.opens = true
    const stream: Duplex | undefined = await offer.dial(jid, sid).catch(() => undefined)
    const over = (): void => {
      this.opens = false
    }
    if (stream === undefined) {
      over()
      this.failed()
    } else if (ground.signal.aborted) stream.destroy()
    else {
      const kind = { kind: 'inband', dialled: true, remote: '' } as const
      ground.open((options) => Connection.over(stream, options, kind), over)
    }
  }

  private failed(): void {
    if (this.ground.signal.aborted) return
    this.ground.note('inband', 'failed')
    this.ground.look()
  }
}
