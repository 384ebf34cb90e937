/**
 * A SOCKS5 bytestreams proxy between the two sides (XEP-0065): of this side's own server, which this side asks to join
 * the two, or of the other's. Both connect to the same name there; who offered it asks for the joining until it is done,
 * as the other may not have come yet.
 *
 * A proxy that the other side names is contacted only where that shows it nothing that it may not know (see Reach).
 */

import { setTimeout as sleep } from 'node:timers/promises'
import { type Candidate, relayFault } from '../../protocol/candidates.js'
import { Connection } from '../connection.js'
import type { ProxyOffer } from '../gathering.js'
import { type Ground, type Rung, within } from './rung.js'
import { SocksFailed, throughSocks } from './socks5.js'

type ProxyCandidate = Extract<Candidate, { kind: 'proxy' }>

/** Milliseconds for a proxy to let us in, between two requests for the joining, and for the answer to one. */
const socksMs = 5_000
const activateAgainMs = 100
const activateAgainAtMostMs = 500
const activateMs = 4_000

export class Proxies implements Rung {
  readonly kind = 'proxy'
  private ours: readonly ProxyOffer[] = []
  private theirs: readonly ProxyCandidate[] = []
  private left = 0
  private begun = false

  constructor(
    private readonly ground: Ground,
    private readonly offers: readonly ProxyOffer[],
    /** Whether a host that the other side names may be contacted. */
    private readonly mayReach: (ip: string) => boolean,
  ) {}

  get hasTried(): boolean {
    return this.begun && this.ours.length + this.theirs.length > 0
  }

  get isLeft(): boolean {
    return this.begun ? this.left > 0 : this.ours.length + this.theirs.length > 0
  }

  async gather(): Promise<Candidate[]> {
    return this.offers.flatMap(({ ip, port, dst }): Candidate[] => {
      const fault = relayFault({ kind: 'proxy', ip, port }, this.ground.rule)
      if (fault !== undefined) this.ground.note('proxy', `not to be announced: ${fault}`)
      return fault === undefined ? [{ kind: 'proxy', ip, port, dst }] : []
    })
  }

  hear(theirs: readonly Candidate[], ours: readonly Candidate[]): void {
    this.ours = this.offers.filter(({ dst }) => ours.some((one) => one.kind === 'proxy' && one.dst === dst))
    this.theirs = theirs.filter((one): one is ProxyCandidate => {
      if (one.kind !== 'proxy') return false
      const fault = relayFault(one, this.ground.rule)
      if (fault !== undefined) this.ground.note('proxy', `candidate refused: ${fault}`)
      else if (!this.mayReach(one.ip)) this.ground.note('proxy', 'candidate refused: policy')
      else return true
      return false
    })
  }

  begin(): void {
    if (this.begun) return
    this.begun = true
    const all = [...this.ours, ...this.theirs]
    this.left = all.length
    for (const one of all) this.tryOne(one)
  }

  unfinished(): string | undefined {
    return this.left > 0 ? 'the other side has not come' : undefined
  }

  close(): void {}

  private async tryOne(one: ProxyCandidate | ProxyOffer): Promise<void> {
    const { ground } = this
    const over = (): void => {
      this.left--
      ground.look()
    }
    try {
      const socket = await throughSocks(one, one.dst, { timeoutMs: socksMs, signal: ground.signal })
      if ('activate' in one) {
        const outcome = await this.join(one, () => socket.destroyed).catch(() => 'given up' as const)
        if (outcome !== 'joined') socket.destroy()
        if (outcome === 'refused') throw new SocksFailed('it does not join two')
      }
      if (ground.signal.aborted || socket.destroyed) {
        socket.destroy()
        throw new SocksFailed('closed')
      }
      const kind = { kind: 'proxy', dialled: true, remote: one.ip } as const
      ground.open((options) => Connection.over(socket, options, kind), over)
    } catch (error) {
      const reason = error instanceof SocksFailed ? error.message : 'failed'
      if (!ground.signal.aborted) ground.note('proxy', reason)
      over()
    }
  }

  /** Asks until the proxy has joined the two, will never do it, or there is nothing to join any more. */
  private async join(offer: ProxyOffer, isGone: () => boolean): Promise<'joined' | 'refused' | 'given up'> {
    const { signal } = this.ground
    for (let waitMs = activateAgainMs; !signal.aborted && !isGone(); waitMs *= 1.5) {
      const answer = await within(offer.activate(), activateMs)
      if (answer !== undefined) return answer
      await sleep(Math.min(waitMs, activateAgainAtMostMs), undefined, { signal })
    }
    return 'given up'
  }
}
