/**
 * A stream inside XMPP (XEP-0047), for what passes nothing else. The receiving side opens it where the other has announced
 * one; else it waits for the other to open its own. Whoever opens one can be somebody else: TLS and the token decide.
 */

import type { Duplex } from 'node:stream'
import type { Candidate, InbandCandidate } from '../../protocol/candidates.js'
import { Connection } from '../connection.js'
import type { InbandOffer } from '../gathering.js'
import type { Ground, Rung } from './rung.js'

export class Inband implements Rung {
  readonly kind = 'inband'
  private theirs: InbandCandidate | undefined
  private announced = false
  private begun = false
  private left = 0

  constructor(
    private readonly ground: Ground,
    private readonly offer: InbandOffer | undefined,
  ) {}

  get hasTried(): boolean {
    return this.begun && this.dials
  }

  get isLeft(): boolean {
    return this.left > 0 || (!this.begun && this.dials)
  }

  async gather(): Promise<Candidate[]> {
    const { offer } = this
    return offer === undefined ? [] : [{ kind: 'inband', jid: offer.jid, sid: offer.sid }]
  }

  hear(theirs: readonly Candidate[], ours: readonly Candidate[]): void {
    this.theirs = theirs.find((one) => one.kind === 'inband')
    this.announced = ours.some(({ kind }) => kind === 'inband')
    // From now on the other side may open it: it decides when.
    if (this.offer !== undefined && this.announced && !this.dials) this.carry(this.offer.accept(), false)
  }

  begin(): void {
    if (this.begun) return
    this.begun = true
    const { offer, theirs } = this
    if (offer !== undefined && theirs !== undefined && this.dials)
      this.carry(offer.dial(theirs.jid, theirs.sid), true)
  }

  unfinished(): string | undefined {
    return this.left > 0 ? 'the other side has not come' : undefined
  }

  close(): void {}

  /** Of two that announced one, the receiving side opens. */
  private get dials(): boolean {
    if (this.offer === undefined || this.theirs === undefined) return false
    return this.ground.side === 'receiving' || !this.announced
  }

  private async carry(stream: Promise<Duplex>, dialled: boolean): Promise<void> {
    const { ground } = this
    this.left++
    const over = (): void => {
      this.left--
      ground.look()
    }
    try {
      const raw = await stream
      if (ground.signal.aborted) {
        raw.destroy()
        return
      }
      const kind = { kind: 'inband', dialled, remote: '' } as const
      if (dialled) ground.open((options) => Connection.over(raw, options, kind), over)
      else {
        this.left--
        ground.admit(raw, kind)
      }
    } catch {
      if (!ground.signal.aborted) ground.note('inband', 'failed')
      over()
    }
  }
}
