/**
 * Being logged in at the component: a directed presence that carries the device's id, and the component's presence back.
 *
 * Rules: it is said on every `online`, and again whenever the component says that it does not know us, came back, or
 * could not be reached; at most once at a time, 0.5 to 8 s apart. Only presence from the component's own JID counts.
 * Transfers that run do not need it: losing the stream ends none of them.
 *
 * Servers that follow the old RFC 3921 (jabberd2) keep presence from a session that has not sent any to everybody. We send
 * none, since it would show the person to all contacts; the component is asked by IQ instead.
 */

import { setTimeout as delay } from 'node:timers/promises'
import {
  askDiscoInfo,
  login,
  Malformed,
  nsTransfer,
  type ReadRefusal,
  readDiscoInfo,
  readRefusal,
  xml,
} from '../../schemas/index.js'
import { isPing, ping } from '../../schemas/xep/ping.js'
import { onPresence, RequestRefused, request, type XmppEntity } from '../../wire/index.js'
import { chance } from '../chance.js'
import { FileTransferError } from '../errors.js'
import { localTrouble } from '../transfer/local-trouble.js'

type Presence = ReturnType<typeof xml>

export interface SessionEvents {
  /** Logged in (again). */
  in(): void
  /** Logged out, or a login failed. */
  out(why: FileTransferError): void
  /** Still logged in, every few minutes. */
  beat?(): void
  /** The component shows itself, and may have begun anew: what it had in its hands of us is perhaps gone. After `in`. */
  anew?(): void
}

const shortestPause = 500
const longestPause = 8_000
/** The component answers a login at once; silence for so long is an absence, ms. */
const answerMs = 5_000
/** After so much silence the component is asked whether it is there, ms. */
const askAfterMs = 1_000
/** Says that we are here even when nothing happens: the component may have lost us without a word, ms. */
const beatMs = 300_000

export class Session {
  #state: 'out' | 'asking' | 'in' = 'out'
  #device: string | undefined
  #pause = shortestPause
  #timer: NodeJS.Timeout | undefined
  #asking: NodeJS.Timeout | undefined
  #beat: NodeJS.Timeout | undefined
  #since = 0
  #askedAt = Number.NEGATIVE_INFINITY
  /** Whether the component has ever answered. */
  #wasIn = false
  #stopped = false
  #unbroken = new AbortController()
  readonly #waiting = new Set<() => void>()
  readonly #unhook: (() => void)[] = []

  constructor(
    readonly entity: XmppEntity,
    readonly component: string,
    readonly events: SessionEvents,
    /** Whether this account may use the state folder. */
    readonly mayBe: (bare: string) => boolean,
  ) {}

  get isIn(): boolean {
    return this.#state === 'in'
  }

  /**
   * Fires when the component shows that it may have begun anew, and is another then. What was asked before is perhaps never answered,
   * since it went to one that was killed: it is to be asked again, and nothing is lost by it if it was heard.
   */
  get unbroken(): AbortSignal {
    return this.#unbroken.signal
  }

  /** Begins, once the device is known. */
  start(device: string): void {
    if (this.#stopped) return
    this.#device = device
    const online = () => this.#again(0)
    const gone = () =>
      this.#lose(new FileTransferError('component-away', 'the connection to the server is lost'))
    const stanza = (element: Presence) => this.#signOfLife(element)
    this.entity.on('stanza', stanza)
    this.entity.on('online', online)
    this.entity.on('disconnect', gone)
    this.entity.on('offline', gone)
    this.#unhook.push(
      () => this.entity.off('stanza', stanza),
      () => this.entity.off('online', online),
      () => this.entity.off('disconnect', gone),
      () => this.entity.off('offline', gone),
      onPresence(this.entity, (presence) => this.#heard(presence)),
    )
    if (this.entity.status === 'online') this.#again(0)
  }

  /** Resolves when logged in. Rejects with the reason of the first of the signals that fires. */
  async whenIn(...signals: readonly AbortSignal[]): Promise<void> {
    while (!this.isIn) {
      for (const signal of signals) signal.throwIfAborted()
      await new Promise<void>((resolve) => {
        const done = () => {
          this.#waiting.delete(done)
          for (const signal of signals) signal.removeEventListener('abort', done)
          resolve()
        }
        this.#waiting.add(done)
        for (const signal of signals) signal.addEventListener('abort', done)
      })
    }
    for (const signal of signals) signal.throwIfAborted()
  }

  /** Something shows that the component does not know us, or is away: log in again. */
  doubt(): void {
    if (this.#state !== 'in') return
    this.#lose(this.#away())
    // A login that did not last is not repeated at once.
    const lasted = performance.now() - this.#since > 10_000
    this.#pause = lasted ? shortestPause : Math.min(longestPause, this.#pause * 2)
    this.#again(lasted ? 0 : this.#pause)
  }

  /** Says goodbye to the component and lets go of the entity. */
  async stop(): Promise<void> {
    if (this.#stopped) return
    this.#stopped = true
    clearTimeout(this.#timer)
    clearTimeout(this.#asking)
    clearInterval(this.#beat)
    for (const unhook of this.#unhook) unhook()
    const wasIn = this.#state === 'in'
    this.#state = 'out'
    for (const done of [...this.#waiting]) done()
    if (!wasIn || this.entity.status !== 'online') return
    const goodbye = this.entity
      .send(xml('presence', { to: this.component, type: 'unavailable' }))
      .catch(() => undefined)
    await Promise.race([goodbye, delay(1_000, undefined, { ref: false })])
  }

  #away(condition?: string): FileTransferError {
    return awayTrouble(this.component, condition)
  }

  #again(ms: number): void {
    if (this.#stopped) return
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#ask(), ms)
  }

  #ask(): void {
    if (this.#stopped || this.entity.status !== 'online' || this.#device === undefined) return
    const { jid } = this.entity
    try {
      if (jid === null || !this.mayBe(jid.bare().toString())) {
        this.events.out(new FileTransferError('state-of-another-account'))
        return
      }
    } catch (error) {
      this.#retry(localTrouble(error))
      return
    }
    if (this.#state === 'out') this.#state = 'asking'
    this.#askedAt = performance.now()
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      if (this.#state === 'asking') this.#retry(this.#away())
    }, answerMs)
    this.#sayLogin()
    clearTimeout(this.#asking)
    this.#asking = setTimeout(() => void this.#askByIq(this.#askedAt), askAfterMs)
  }

  /** Stanzas from us to the component stay in order (RFC 6120 §10.1): when it answers this, it has heard the login. */
  async #askByIq(askedAt: number): Promise<void> {
    const awaited = () => this.#state === 'asking' && this.#askedAt === askedAt && !this.#stopped
    if (!awaited()) return
    try {
      // The first may have gone to one that was just ending, and this is asked of the next: without it we would think that we are in.
      this.#sayLogin()
      const ask = { to: this.component, type: 'get', timeoutMs: answerMs } as const
      await request(this.entity, { ...ask, payload: ping() })
      const info = await request(this.entity, { ...ask, payload: askDiscoInfo() }).catch(() => undefined)
      if (!awaited()) return
      // Should it have refused the login, it says so to our first word.
      if (info === undefined || isOfOurs(info)) this.#enter()
      else this.#retry(new FileTransferError('component-unknown', this.component))
    } catch (error) {
      if (awaited() && error instanceof RequestRefused && isUnreached(error)) {
        this.#retry(this.#away(error.condition))
      }
    }
  }

  #sayLogin(): void {
    const presence = xml('presence', { to: this.component }, login.write({ device: this.#device! }))
    this.entity.send(presence).catch(() => undefined)
  }

  #heard(presence: Presence): void {
    if (presence.attrs.from !== this.component || this.#stopped) return
    const { type } = presence.attrs
    if (type === undefined) {
      const device = loginOf(presence)
      if (device === this.#device) this.#enter()
      // It is back, and may have forgotten us.
      else if (device === undefined && this.entity.status === 'online') this.#again(0)
    } else if (type === 'probe') this.#again(0)
    else if (type === 'unavailable') this.#retry(this.#away())
    else if (type === 'error') this.#retry(troubleOf(presence, this.component, this.#wasIn))
  }

  /**
   * The component asks something, a ping for one, while we think that it is away: so it is back. It pings whom it has not heard
   * since it was started, or for minutes: whoever waits for an answer of it has said something that it has not heard.
   */
  #signOfLife(stanza: Presence): void {
    const { name, attrs } = stanza
    const asks = name === 'iq' && (attrs.type === 'get' || attrs.type === 'set')
    if (!asks || attrs.from !== this.component) return
    if (this.#state === 'in') {
      if (!isPing(stanza)) return
      this.#break()
      this.events.anew?.()
    } else if (performance.now() - this.#askedAt > shortestPause) this.#ask()
  }

  #break(): void {
    const before = this.#unbroken
    this.#unbroken = new AbortController()
    before.abort()
  }

  #enter(): void {
    clearTimeout(this.#timer)
    clearTimeout(this.#asking)
    if (this.#state === 'in') return
    this.#state = 'in'
    this.#wasIn = true
    this.#since = performance.now()
    this.#pause = shortestPause
    clearInterval(this.#beat)
    this.#beat = setInterval(() => this.#beats(), beatMs)
    this.#beat.unref()
    for (const done of [...this.#waiting]) done()
    // What is said from here on is said to the one that has let us in, once.
    this.#break()
    this.events.in()
    this.events.anew?.()
  }

  #beats(): void {
    if (!this.isIn || this.entity.status !== 'online') return
    this.#sayLogin()
    this.events.beat?.()
  }

  #retry(why: FileTransferError): void {
    this.#lose(why)
    if (this.entity.status !== 'online') return
    this.#again(this.#pause * (0.75 + chance() / 4))
    this.#pause = Math.min(longestPause, this.#pause * 2)
  }

  #lose(why: FileTransferError): void {
    clearTimeout(this.#timer)
    clearTimeout(this.#asking)
    clearInterval(this.#beat)
    this.#state = 'out'
    this.events.out(why)
  }
}

/** Named, so that a name that was mistyped is seen. */
const awayTrouble = (component: string, condition?: string): FileTransferError =>
  new FileTransferError('component-away', condition ? `${component} (${condition})` : component)

function loginOf(presence: Presence): string | undefined {
  const element = presence.getChild('login', nsTransfer)
  if (element === undefined || element === null) return undefined
  try {
    return login.read(element).device
  } catch (error) {
    if (error instanceof Malformed) return undefined
    throw error
  }
}

/** Whether who describes himself so is a component of this protocol. A server answers a ping too. */
function isOfOurs(info: Presence): boolean {
  try {
    return readDiscoInfo(info).features.includes(nsTransfer)
  } catch (error) {
    if (error instanceof Malformed) return false
    throw error
  }
}

/**
 * Said by the server in the component's place: it is not connected. ejabberd and jabberd2 know a component only while it
 * is, so that `remote-server-not-found` is no word against its name.
 */
const isUnreached = ({ condition }: Pick<ReadRefusal, 'condition'>): boolean =>
  condition === 'remote-server-not-found' || condition === 'remote-server-timeout'

/** What an error for an answer means. Some servers say `cancel` for a component that is only away: `known` tells. */
function troubleOf(presence: Presence, component: string, known: boolean): FileTransferError {
  const refusal = readRefusal(presence.getChild('error') ?? undefined)
  const { condition, type, app } = refusal
  if (app?.name === 'quota') return new FileTransferError('too-many-devices', `${app.used} of ${app.max}`)
  if (type === 'wait' || isUnreached(refusal)) return awayTrouble(component, condition)
  if (type !== 'cancel') return new FileTransferError('component-refused', condition)
  return known
    ? awayTrouble(component, condition)
    : new FileTransferError('component-unknown', `${component} (${condition})`)
}
