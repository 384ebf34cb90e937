/**
 * TCP simultaneous open (RFC 9293, section 3.5): both sides dial each other at the same time, each from a port whose
 * outer address it has asked for and announced, so that each router takes the other's packets for answers.
 *
 * The port never listens. A dial that waits is left alone: the system says SYN again by itself, and what comes from the
 * other side meets it. One that is refused (the other router said so, as we were early) is made again.
 */

import { isIPv4 } from 'node:net'
import { type Candidate, candidateFault, type DirectCandidate, isDirect } from '../../protocol/candidates.js'
import { Connection } from '../connection.js'
import type { StunServer } from '../gathering.js'
import { type OuterAddress, outerAddress, StunFailed } from '../stun/index.js'
import { type Ground, gatherMs, type Rung, within } from './rung.js'

/** Milliseconds between two dials, and from the first for as long as there are new ones. */
const againMs = 400
const triesForMs = 3_000

export class Punch implements Rung {
  readonly kind = 'punch'
  private own: OuterAddress | undefined
  private theirs: DirectCandidate | undefined
  private trying = false
  private begun = 0
  private timer: NodeJS.Timeout | undefined

  constructor(
    private readonly ground: Ground,
    private readonly stun: readonly StunServer[],
  ) {}

  get hasTried(): boolean {
    return this.begun > 0
  }

  get isLeft(): boolean {
    return this.trying || (this.theirs !== undefined && this.begun === 0)
  }

  async gather(): Promise<Candidate[]> {
    const { signal, rule, note } = this.ground
    const server = this.stun.find(({ ip }) => isIPv4(ip))
    if (server === undefined || signal.aborted) return []
    let why = 'no answer of the STUN server in time'
    const asked = outerAddress(server, { keep: true, timeoutMs: gatherMs, signal }).catch(
      (error: unknown) => {
        if (error instanceof StunFailed && error.code === 'closed') why = 'the STUN server cannot be reached'
        return undefined
      },
    )
    const own = await within(asked, gatherMs, (late) => void late?.socket?.destroy())
    if (own === undefined || signal.aborted) {
      own?.socket?.destroy()
      if (!signal.aborted) note('punch', why)
      return []
    }
    this.own = own
    const candidate: DirectCandidate = { kind: 'punch', ip: own.ip, port: own.port }
    const fault = candidateFault(candidate, rule)
    if (fault === undefined) return [candidate]
    note('punch', `not to be announced: ${fault}`)
    this.close()
    return []
  }

  hear(theirs: readonly Candidate[], ours: readonly Candidate[]): void {
    const { note, rule } = this.ground
    const other = theirs.filter(isDirect).find(({ kind }) => kind === 'punch')
    const ourselves = this.own !== undefined && ours.some(({ kind }) => kind === 'punch')
    if (other === undefined || !ourselves) {
      if (ourselves) note('punch', 'the other side has no port for it')
      else if (other !== undefined && this.stun.length === 0) note('punch', 'no STUN server')
      return
    }
    const fault = candidateFault(other, rule)
    if (fault !== undefined) note('punch', `candidate refused: ${fault}`)
    else if (isIPv4(other.ip)) this.theirs = other
  }

  begin(): void {
    if (this.begun > 0 || this.theirs === undefined) return
    this.begun = Date.now()
    this.trying = true
    this.dial()
  }

  unfinished(): string | undefined {
    return this.trying ? 'no answer' : undefined
  }

  close(): void {
    clearTimeout(this.timer)
    this.trying = false
    this.own?.socket?.destroy()
    this.own = undefined
  }

  private dial(): void {
    const { own, theirs } = this
    if (own === undefined || theirs === undefined || this.ground.signal.aborted) return
    const from = { localPort: own.localPort, localAddress: own.localAddress }
    const since = Date.now()
    this.ground.open(
      (options) => Connection.dialled({ ...theirs, kind: 'punch' }, options, from),
      () => this.failed(Math.max(0, since + againMs - Date.now())),
    )
  }

  private failed(waitMs: number): void {
    if (this.ground.signal.aborted) return
    if (Date.now() - this.begun + waitMs > triesForMs) {
      this.trying = false
      this.ground.look()
      return
    }
    this.timer = setTimeout(() => this.dial(), waitMs)
  }
}
