/**
 * TURN over TCP (RFC 8656, RFC 6062): an allocation of this side, at whose relayed address the other side may come in, and
 * from which the other's relayed address can be reached.
 *
 * The other side dials a relayed address like any other. Who may show no address of its own, or is not let in so, reaches
 * it from its own allocation. Everything that the other side announced is permitted as soon as it is known: routers and
 * servers hide what is behind them, so any of it may be where it comes from.
 */

import { isIPv4, type Socket } from 'node:net'
import { addressFault } from '../../protocol/addresses.js'
import { type Candidate, candidateFault, isDirect, type RelayCandidate } from '../../protocol/candidates.js'
import { Connection } from '../connection.js'
import type { TurnServer } from '../gathering.js'
import { openAllocation, type TurnAllocation, TurnFailed } from '../turn/index.js'
import { askInTurn } from './in-turn.js'
import { type Ground, gatherMs, type Rung, within } from './rung.js'

/** Milliseconds between two dials of one relayed address (its server may not know yet that we may), and how often. */
const againMs = 500
const tries = 3

export class Turn implements Rung {
  readonly kind = 'turn'
  private allocation: TurnAllocation | undefined
  private theirs: RelayCandidate[] = []
  private waits = false
  private begun = false
  private left = 0
  private readonly timers = new Set<NodeJS.Timeout>()

  constructor(
    private readonly ground: Ground,
    private readonly servers: readonly TurnServer[],
    /** Whether a host that the other side names may be contacted. */
    private readonly mayReach: (ip: string) => boolean,
  ) {}

  get hasTried(): boolean {
    return this.begun && this.theirs.length > 0
  }

  get isLeft(): boolean {
    return this.waits || this.left > 0 || (!this.begun && this.theirs.length > 0)
  }

  async gather(): Promise<Candidate[]> {
    const { signal, note, rule } = this.ground
    const ofIPv4 = this.servers.filter(({ ip }) => isIPv4(ip))
    const servers = ofIPv4.length > 0 ? ofIPv4 : this.servers
    if (servers.length === 0 || signal.aborted) return []
    let why = 'the server does not answer in time'
    const letGo = (late: TurnAllocation | undefined) => late?.close()
    const open = (server: TurnServer) => openAllocation(server, { signal })
    const asked = askInTurn(servers, open, letGo, signal).catch((error: unknown) => {
      why = error instanceof TurnFailed ? error.message : 'failed'
      return undefined
    })
    const allocation = await within(asked, gatherMs, letGo)
    if (allocation === undefined || signal.aborted) {
      allocation?.close()
      if (!signal.aborted) note('turn', why)
      return []
    }
    const candidate: RelayCandidate = {
      kind: 'turn',
      ip: allocation.relayed.ip,
      port: allocation.relayed.port,
    }
    const fault = candidateFault(candidate, rule)
    if (fault !== undefined) {
      note('turn', `not to be announced: ${fault}`)
      allocation.close()
      return []
    }
    this.allocation = allocation
    this.waits = true
    allocation.onPeer((socket, peer) =>
      this.ground.admit(socket, { kind: 'turn', dialled: false, remote: peer.ip }),
    )
    return [candidate]
  }

  hear(theirs: readonly Candidate[], ours: readonly Candidate[]): void {
    const { note, rule } = this.ground
    if (this.allocation !== undefined && !ours.some(({ kind }) => kind === 'turn')) this.close()
    this.theirs = theirs.filter((one): one is RelayCandidate => {
      if (one.kind !== 'turn') return false
      const fault = candidateFault(one, rule)
      if (fault !== undefined) note('turn', `candidate refused: ${fault}`)
      return fault === undefined
    })
    const { allocation } = this
    if (allocation === undefined) return
    const from = [...theirs.filter(isDirect), ...this.theirs].map(({ ip }) => ip)
    const permitted = [...new Set(from)].filter((ip) => addressFault(ip, rule) === undefined)
    if (permitted.length === 0) {
      // Nobody that we can name may come in.
      this.waits = false
      note('turn', 'it is not known from where the other side will come')
    }
    // Those that the server refuses to permit, private ones for instance, are not where anybody comes from.
    for (const ip of permitted) allocation.permit(ip).catch(() => {})
  }

  begin(): void {
    if (this.begun) return
    this.begun = true
    for (const one of this.theirs) {
      if (this.mayReach(one.ip)) this.dialPlainly(one, tries)
      else if (this.allocation !== undefined) this.dialFromOwn(one, tries)
      else this.ground.note('turn', 'candidate refused: policy')
    }
  }

  unfinished(): string | undefined {
    if (this.left > 0) return 'no answer'
    return this.waits ? 'nobody came in' : undefined
  }

  close(): void {
    for (const timer of this.timers) clearTimeout(timer)
    this.allocation?.close()
    this.allocation = undefined
    this.waits = false
  }

  private dialPlainly(one: RelayCandidate, triesLeft: number): void {
    this.left++
    const make = { ip: one.ip, port: one.port, kind: 'turn' } as const
    this.ground.open(
      (options) => Connection.dialled(make, options),
      () => {
        // Its server lets in only whom it was told of, and that is our outer address as the other side knows it.
        if (this.allocation !== undefined) this.dialFromOwn(one, triesLeft)
        else this.again(triesLeft, () => this.dialPlainly(one, triesLeft - 1))
        this.over()
      },
    )
  }

  private async dialFromOwn(one: RelayCandidate, triesLeft: number): Promise<void> {
    const { allocation, ground } = this
    if (allocation === undefined) return
    this.left++
    let socket: Socket
    try {
      socket = await allocation.dial({ ip: one.ip, port: one.port })
    } catch (error) {
      if (!ground.signal.aborted) {
        ground.note('turn', error instanceof TurnFailed ? error.message : 'failed')
        this.again(triesLeft, () => void this.dialFromOwn(one, triesLeft - 1))
      }
      this.over()
      return
    }
    if (ground.signal.aborted) {
      socket.destroy()
      return
    }
    const kind = { kind: 'turn', dialled: true, remote: one.ip } as const
    ground.open(
      (options) => Connection.over(socket, options, kind),
      () => this.over(),
    )
  }

  private again(triesLeft: number, dial: () => void): void {
    if (triesLeft <= 1 || this.ground.signal.aborted) return
    this.left++
    const timer = setTimeout(() => {
      this.timers.delete(timer)
      this.left--
      dial()
    }, againMs)
    this.timers.add(timer)
  }

  private over(): void {
    this.left--
    this.ground.look()
  }
}
