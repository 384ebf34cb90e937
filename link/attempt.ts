/**
 * One attempt to get a link for one transfer (docs/protocol.md, "Links").
 *
 * All paths are in it: each is a rung of its own (link/rungs/), and they are begun in order of cost, by the clock of
 * protocol/paths.ts. Both directions are tried at once: this side listens, if it may, and dials what it is given.
 * Several connections may pass; the receiving side says `go` on exactly one and closes the others, the sending side takes
 * the first that says `go` with the right token, and forgets the token. Nothing stays open but what the link needs, as
 * soon as there is a link, or none. One deadline covers the attempt. No address and no token ever gets into a reason.
 */

import assert from 'node:assert'
import { timingSafeEqual } from 'node:crypto'
import { directToAnnounce, relaysToAnnounce } from '../protocol/announcing.js'
import { type Candidate, isDirect, isRelay, withinLimits } from '../protocol/candidates.js'
import { classOf, mayBegin, nextChange, type PathClass, type Situation, toTake } from '../protocol/paths.js'
import type { AttemptOptions, LinkAttempt } from './attempt-options.js'
import { Connection, type ConnectionFault, type ConnectionOptionsOfAttempt } from './connection.js'
import { displaced } from './crowd.js'
import { LinkFailed, type LinkFailure } from './failure.js'
import { tokenBytes } from './greeting.js'
import { type Link, linkOver } from './link.js'
import { Notes } from './notes.js'
import { openRungs, type Rungs } from './rungs/index.js'
import { secureContextOf } from './secure.js'

const deadlineMsByDefault = 10_000
const authenticateMsByDefault = 10_000

/** Begins an attempt. Nothing is opened before `candidates()` or `dial()` is called. */
export function openAttempt(options: AttemptOptions): LinkAttempt {
  return new Attempt(options)
}

class Attempt implements LinkAttempt {
  readonly link: Promise<Link>
  private settle!: { resolve: (link: Link) => void; reject: (error: LinkFailed) => void }
  private settled = false
  private token: Uint8Array | undefined
  private opening: Promise<Candidate[]> | undefined
  /** What was announced; undefined while it is not known yet. */
  private ours: readonly Candidate[] | undefined = []
  private theirs: readonly Candidate[] | undefined
  /** What is dialled only once this side knows how it is seen itself. */
  private readonly unheard: Candidate[] = []
  /** When the candidates of both sides were known. */
  private knownAt: number | undefined
  private wrongDevice = false
  private readonly notes = new Notes()
  private readonly rungs: Rungs
  private readonly connections = new Map<Connection, (() => void) | undefined>()
  /** Receiving side: which connections said hello, and may be held back. */
  private readonly passed = new Set<Connection>()
  /** Sending side: who said `go` before the token was known, and with what token. */
  private early: { connection: Connection; said: Uint8Array } | undefined
  private readonly deadline: NodeJS.Timeout
  private wake: NodeJS.Timeout | undefined
  private readonly over = new AbortController()
  private readonly connectionOptions: ConnectionOptionsOfAttempt
  private readonly aborted = (): void => this.fail('aborted')

  constructor(private readonly options: AttemptOptions) {
    if (options.token !== undefined) this.token = copyOf(options.token)
    assert(options.side === 'sending' || this.token !== undefined, 'the receiving side needs the token')
    this.link = new Promise((resolve, reject) => {
      this.settle = { resolve, reject }
    })
    // Who closes an attempt need not look at what became of it.
    this.link.catch(() => {})
    this.connectionOptions = {
      side: options.side,
      context: secureContextOf(options.identity),
      peerDevice: options.peerDevice,
      authenticateMs: options.authenticateMs ?? authenticateMsByDefault,
      onGreeted: (connection, token) => this.greeted(connection, token),
      onFailed: (connection, fault) => this.connectionFailed(connection, fault),
    }
    this.rungs = openRungs(options, {
      side: options.side,
      rule: { allowLoopback: options.allowLoopback === true },
      signal: this.over.signal,
      note: (kind, reason) => this.notes.add(kind, reason),
      open: (make, failed) => {
        if (!this.settled) this.add(make, failed)
      },
      admit: (raw, kind) => {
        if (this.settled) raw.destroy()
        else this.admit((toward) => Connection.over(raw, toward, kind))
      },
      look: () => this.look(),
    })
    this.deadline = setTimeout(() => this.fail('timeout'), options.deadlineMs ?? deadlineMsByDefault)
    if (options.signal?.aborted === true) this.aborted()
    else options.signal?.addEventListener('abort', this.aborted)
  }

  get reasons(): readonly string[] {
    return this.notes.reasons
  }

  candidates(): Promise<Candidate[]> {
    this.opening ??= this.gather()
    return this.opening
  }

  setToken(token: Uint8Array): void {
    if (this.settled || this.token !== undefined) return
    this.token = copyOf(token)
    const { early } = this
    this.early = undefined
    if (early !== undefined) this.judge(early.connection, early.said)
  }

  dial(candidates: readonly Candidate[]): void {
    if (this.settled) return
    const theirs = withinLimits(candidates)
    const isFirst = this.theirs === undefined
    this.theirs ??= theirs
    if (this.rungs.dials === undefined && theirs.some(isDirect))
      this.notes.add('direct', 'candidate refused: policy')
    if (this.ours === undefined && this.rungs.dials?.mustKnowItself(theirs)) this.unheard.push(...theirs)
    else this.dialNow(theirs)
    if (isFirst && this.ours !== undefined) this.known()
    else this.look()
  }

  /** The straight path begins at once, and whenever more is said; the others when both sides are known. */
  private dialNow(theirs: readonly Candidate[]): void {
    this.rungs.dials?.hear(theirs)
    this.rungs.dials?.begin()
  }

  close(): void {
    this.fail('aborted')
  }

  private async gather(): Promise<Candidate[]> {
    if (this.settled) return []
    this.ours = undefined
    const found = (await Promise.all(this.rungs.all.map((rung) => rung.gather()))).flat()
    const reachable = this.rungs.dials?.reachable ?? { own: [] }
    const direct = directToAnnounce({ ...reachable, punches: found.filter(isDirect) })
    const relays = relaysToAnnounce(found.filter(isRelay))
    this.ours = [...direct, ...relays, ...found.filter(({ kind }) => kind === 'inband')]
    if (this.settled) return []
    if (this.unheard.length > 0) this.dialNow(this.unheard.splice(0))
    if (this.theirs !== undefined) this.known()
    return [...this.ours]
  }

  private known(): void {
    this.knownAt = performance.now()
    for (const rung of this.rungs.all)
      if (rung !== this.rungs.dials) rung.hear(this.theirs ?? [], this.ours ?? [])
    this.look()
  }

  private get situation(): Situation {
    return {
      since: this.knownAt === undefined ? undefined : performance.now() - this.knownAt,
      straightLeft: this.isLeft('straight'),
      dialsLeft: this.dialsLeft,
      relaysLeft: this.isLeft('relay'),
      lately: this.options.lately,
    }
  }

  private get dialsLeft(): boolean {
    if (this.rungs.dials?.isLeft === true) return true
    for (const { kind } of this.connections.keys()) if (kind === 'direct' || kind === 'mapped') return true
    return false
  }

  private isLeft(which: PathClass): boolean {
    if (this.rungs[which].some((rung) => rung.isLeft)) return true
    for (const { kind } of this.connections.keys()) if (classOf(kind) === which) return true
    return false
  }

  /** Begins what may be begun, takes what may be taken, gives up where nothing is left, and comes back in time. */
  private look(): void {
    if (this.settled) return
    clearTimeout(this.wake)
    if (this.knownAt !== undefined)
      for (const which of ['straight', 'relay', 'inband'] as const)
        if (mayBegin(which, this.situation)) for (const rung of this.rungs[which]) rung.begin()
    if (this.settled) return
    const taken = toTake(this.passed, this.situation)
    if (taken !== undefined) {
      taken.go(this.token!)
      this.succeed(taken)
      return
    }
    this.giveUpIfNothingIsLeft()
    const next = this.settled ? undefined : nextChange(this.situation)
    if (next !== undefined) this.wake = setTimeout(() => this.look(), next)
  }

  private add(make: (options: ConnectionOptionsOfAttempt) => Connection, failed?: () => void): void {
    this.connections.set(make(this.connectionOptions), failed)
  }

  private admit(make: (options: ConnectionOptionsOfAttempt) => Connection): void {
    const inbound = [...this.connections.keys()].filter((one) => !one.dialled && one.unproven)
    displaced(inbound)?.fail('refused', 'made room for another')
    this.add(make)
  }

  private greeted(connection: Connection, token?: Uint8Array): void {
    if (this.settled) connection.drop()
    else if (token === undefined) {
      this.passed.add(connection)
      this.look()
    } else if (this.token !== undefined) this.judge(connection, token)
    // `go` is said on exactly one connection, so there is never a second to keep.
    else if (this.early !== undefined) connection.fail('refused', 'second go')
    else this.early = { connection, said: token }
  }

  private judge(connection: Connection, said: Uint8Array): void {
    if (this.settled || this.token === undefined) return
    if (timingSafeEqual(said, this.token)) this.succeed(connection)
    else connection.fail('refused', 'wrong token')
  }

  private succeed(connection: Connection): void {
    const { socket, inlet } = connection.take()
    const { kind, dialled, family } = connection
    this.connections.delete(connection)
    const why = this.notes.whyNot(
      kind,
      this.rungs.all.map((rung) => ({ kind: rung.kind, reason: rung.unfinished() })),
    )
    this.cleanUp({ connection, socket })
    const path = { kind, dialled, family, why }
    const { side, peerDevice, idleMs, sockets } = this.options
    const { context } = this.connectionOptions
    const { roundTripMs } = connection
    const more = sockets && { ...sockets, side, context, peerDevice }
    this.settle.resolve(linkOver(socket, inlet, path, { idleMs, roundTripMs, more }))
  }

  private connectionFailed(connection: Connection, { kind, reason }: ConnectionFault): void {
    const failed = this.connections.get(connection)
    this.connections.delete(connection)
    this.passed.delete(connection)
    if (this.early?.connection === connection) this.early = undefined
    const { dialled, family } = connection
    const which = [...(family === undefined ? [] : [`IPv${family}`]), ...(dialled ? [] : ['inbound'])].join(
      ' ',
    )
    this.notes.add(connection.kind, which === '' ? reason : `${which}: ${reason}`)
    // Whoever may knock at our port can show any certificate; only where we dialled does it say something of the peer.
    if (kind === 'wrong-device' && dialled) this.wrongDevice = true
    failed?.()
    if (dialled) this.look()
  }

  /** Without a port, an attempt of which nothing can come any more need not wait for its deadline. */
  private giveUpIfNothingIsLeft(): void {
    if (this.settled || this.theirs === undefined || this.ours === undefined) return
    if ((['straight', 'relay', 'inband'] as const).some((which) => this.isLeft(which))) return
    this.fail(this.rungs.all.some(({ hasTried }) => hasTried) ? 'refused' : 'bad-candidate')
  }

  /** Who contacts none but his own relays, and has none, gets no link whatever the other side does. */
  private get lacksRelay(): boolean {
    const { policy, gather: { proxies = [], turn = [] } = {} } = this.options
    const hasNone = proxies.length + turn.length === 0
    return policy === 'relay' && hasNone && !this.rungs.all.some(({ hasTried }) => hasTried)
  }

  private fail(code: LinkFailure): void {
    if (this.settled) return
    this.cleanUp()
    const known = this.lacksRelay && (code === 'bad-candidate' || code === 'timeout') ? 'no-relay' : code
    const seen = this.wrongDevice && code !== 'aborted' ? 'wrong-device' : known
    this.settle.reject(new LinkFailed(seen, [...this.notes.reasons]))
  }

  private cleanUp(link?: { connection: Connection; socket: Parameters<typeof linkOver>[0] }): void {
    this.settled = true
    clearTimeout(this.deadline)
    clearTimeout(this.wake)
    this.options.signal?.removeEventListener('abort', this.aborted)
    this.over.abort()
    this.early = undefined
    for (const connection of this.connections.keys()) connection.drop()
    this.connections.clear()
    this.passed.clear()
    for (const rung of this.rungs.all) rung.close(link)
    // It was good for one link only.
    this.token?.fill(0)
    this.token = undefined
  }
}

function copyOf(token: Uint8Array): Uint8Array {
  assert(token.length === tokenBytes, 'a token has 32 bytes')
  return Uint8Array.from(token)
}
