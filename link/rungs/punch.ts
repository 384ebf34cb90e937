/**
 * TCP simultaneous open (RFC 9293, section 3.5): both sides dial each other at the same time, each from the port that it
 * has announced, so that each router or firewall takes the other's packets for answers. One rung for each family.
 *
 * A dial that waits is left alone: the system says SYN again by itself, and what comes from the other side meets it. One
 * that is refused (the other router said so, as we were early) is made again.
 */

import { isIP } from 'node:net'
import { type Candidate, candidateFault, type DirectCandidate, isDirect } from '../../protocol/candidates.js'
import { Connection } from '../connection.js'
import type { FindPunchPort, PunchPort } from './punch-port.js'
import type { Ground, Rung } from './rung.js'

/** Milliseconds between two dials, and from the first for as long as there are new ones. */
const againMs = 400
const triesForMs = 3_000

export class Punch implements Rung {
  readonly kind = 'punch'
  private own: PunchPort | undefined
  private theirs: DirectCandidate | undefined
  private trying = false
  private begun = 0
  private timer: NodeJS.Timeout | undefined

  constructor(
    private readonly ground: Ground,
    private readonly find: FindPunchPort,
  ) {}

  get hasTried(): boolean {
    return this.begun > 0
  }

  get isLeft(): boolean {
    return this.trying || (this.theirs !== undefined && this.begun === 0)
  }

  async gather(): Promise<Candidate[]> {
    const { signal, rule, note } = this.ground
    if (signal.aborted) return []
    const own = await this.find(signal)
    if (own === undefined || signal.aborted || typeof own === 'string') {
      if (typeof own === 'string') {
        if (!signal.aborted) note('punch', own)
      } else own?.release()
      return []
    }
    const candidate: DirectCandidate = { kind: 'punch', ip: own.ip, port: own.port }
    const fault = candidateFault(candidate, rule)
    if (fault !== undefined) {
      own.release()
      note('punch', `not to be announced: ${fault}`)
      return []
    }
    this.own = own
    return [candidate]
  }

  hear(theirs: readonly Candidate[], ours: readonly Candidate[]): void {
    const { own } = this
    if (own === undefined) return
    if (!ours.some((one) => one.kind === 'punch' && one.port === own.port && one.ip === own.ip)) return
    const { note, rule } = this.ground
    const other = theirs
      .filter(isDirect)
      .find(({ kind, ip }) => kind === 'punch' && isIP(ip) === isIP(own.ip))
    const fault = other === undefined ? undefined : candidateFault(other, rule)
    if (other === undefined) note('punch', `the other side has no port for it (IPv${isIP(own.ip)})`)
    else if (fault !== undefined) note('punch', `candidate refused: ${fault}`)
    else this.theirs = other
  }

  begin(): void {
    if (this.begun > 0 || this.theirs === undefined) return
    this.begun = performance.now()
    this.trying = true
    this.dial()
  }

  unfinished(): string | undefined {
    return this.trying ? 'no answer' : undefined
  }

  close(): void {
    clearTimeout(this.timer)
    this.trying = false
    this.own?.release()
    this.own = undefined
  }

  private dial(): void {
    const { own, theirs } = this
    if (own === undefined || theirs === undefined || this.ground.signal.aborted) return
    const { localAddress, localPort } = own
    const since = performance.now()
    this.ground.open(
      (options) => Connection.dialled({ ...theirs, kind: 'punch' }, options, { localAddress, localPort }),
      () => this.failed(Math.max(0, since + againMs - performance.now())),
    )
  }

  private failed(waitMs: number): void {
    if (this.ground.signal.aborted) return
    if (performance.now() - this.begun + waitMs > triesForMs) {
      this.trying = false
      this.ground.look()
      return
    }
    this.timer = setTimeout(() => this.dial(), waitMs)
  }
}
