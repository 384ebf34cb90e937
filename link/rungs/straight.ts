/**
 * The straight path: this side listens, where it may, and dials the addresses where the other listens, each once
 * (docs/protocol.md, "Candidates"). It is begun as soon as there is something to dial, and more may come at any time.
 */

import { isIPv4, type Socket } from 'node:net'
import type { Reachable } from '../../protocol/announcing.js'
import {
  type Candidate,
  candidateKey,
  type DirectCandidate,
  dialOrder,
  isDirect,
  isPrivate,
  maxDirect,
} from '../../protocol/candidates.js'
import { Connection } from '../connection.js'
import { Dialling } from '../dialling.js'
import type { Gathering } from '../gathering.js'
import { isNear, isOwn, type ListenOptions } from '../listening.js'
import { type OwnPort, openOwnPort } from './own-port.js'
import type { Ground, Rung } from './rung.js'

export interface StraightOptions {
  listen: false | ListenOptions
  gather: Gathering
  dialDelayMs: number | undefined
}

/** Where the other side dials us already, ours waits so long: two handshakes at once would only be in each other's way. */
const dialledDelayMs = 150

export class Straight implements Rung {
  readonly kind = 'direct'
  private port: OwnPort | undefined
  private listens = false
  private isDialled = false
  private dials = 0
  private toDial: DirectCandidate[] = []
  private readonly dialledKeys = new Set<string>()
  private readonly dialling = new Dialling((candidate) => this.dialOne(candidate))

  constructor(
    private readonly ground: Ground,
    private readonly options: StraightOptions,
  ) {}

  get hasTried(): boolean {
    return this.dialledKeys.size > 0
  }

  get isLeft(): boolean {
    return this.listens || this.dialling.waiting || this.dials > 0 || this.toDial.length > 0
  }

  async gather(): Promise<Candidate[]> {
    const { listen, gather } = this.options
    const { rule, signal } = this.ground
    if (listen === false || signal.aborted) return []
    // From now on somebody may come, or rather: whether nobody can is not known yet.
    this.listens = true
    this.port = await openOwnPort({
      listen,
      rule,
      gather,
      signal,
      onConnection: (socket) => this.cameIn(socket),
      note: (kind, reason) => this.ground.note(kind, reason),
    })
    if (signal.aborted) this.close()
    if (this.port === undefined) {
      this.listens = false
      this.ground.look()
    }
    // What of it is announced depends on what else there is.
    return []
  }

  /** Where we can be dialled, as far as it is known. */
  get reachable(): Omit<Reachable, 'punches'> {
    return this.port ?? { own: [] }
  }

  /** Whether the order in which these are dialled depends on what is still being found out about this side. */
  mustKnowItself(theirs: readonly Candidate[]): boolean {
    const { stun = [], mapper } = this.options.gather
    return this.listens && (stun.length > 0 || mapper !== undefined) && outerOf(theirs).length > 0
  }

  hear(theirs: readonly Candidate[]): void {
    // Networks all over the world have the same private addresses. Who is seen from outside under another address than
    // we are is not in ours, even if it looks so.
    const outer = outerOf(theirs)
    const ourIp = this.port?.outerIp
    const isElsewhere = ourIp !== undefined && outer.length > 0 && outer.every(({ ip }) => ip !== ourIp)
    const listening = theirs.filter(isDirect).filter(({ kind }) => kind !== 'punch')
    const { dial, refused } = dialOrder(listening, this.ground.rule, (ip) => isNear(ip) && !isElsewhere)
    for (const fault of refused) this.ground.note('direct', `candidate refused: ${fault}`)
    this.toDial.push(...dial.filter((candidate) => this.mayDial(candidate)))
  }

  begin(): void {
    const first = this.isDialled ? dialledDelayMs : 0
    this.dialling.add(this.toDial.splice(0), this.options.dialDelayMs ?? first)
  }

  unfinished(): string | undefined {
    if (this.dials > 0) return 'no answer'
    return this.listens ? 'nobody came in' : undefined
  }

  close(link?: { connection: Connection; socket: Socket }): void {
    this.dialling.stop()
    const { port } = this
    this.port = undefined
    this.listens = false
    const cameIn = link !== undefined && !link.connection.dialled && link.connection.kind === 'mapped'
    port?.close(cameIn ? link.socket : undefined)
  }

  private mayDial(candidate: DirectCandidate): boolean {
    const key = candidateKey(candidate)
    if (this.dialledKeys.has(key) || this.dialledKeys.size >= maxDirect) return false
    if (isOwn(candidate, this.port?.own ?? [])) {
      this.ground.note('direct', 'candidate refused: own')
      return false
    }
    this.dialledKeys.add(key)
    return true
  }

  private dialOne(candidate: DirectCandidate): void {
    const kind = candidate.kind === 'mapped' ? 'mapped' : 'direct'
    this.dials++
    this.ground.open(
      (options) => Connection.dialled({ ...candidate, kind }, options),
      () => {
        this.dials--
        this.dialling.failed()
      },
    )
  }

  private cameIn(raw: Socket): void {
    const remote = raw.remoteAddress ?? ''
    const plain = remote.startsWith('::ffff:') ? remote.slice(7) : remote
    const kind = this.port?.mayBeMapped(plain) === true ? 'mapped' : 'direct'
    this.isDialled = true
    this.ground.admit(raw, { kind, dialled: false, remote })
  }
}

/** The addresses among these at which somebody is seen from outside. */
function outerOf(theirs: readonly Candidate[]): DirectCandidate[] {
  return theirs.filter(isDirect).filter(({ ip }) => isIPv4(ip) && !isPrivate(ip))
}
