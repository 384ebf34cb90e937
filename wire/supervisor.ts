/**
 * Keeps an entity online.
 *
 * Rules (P19): no state on the way to `online` lasts longer than ten seconds (case 37); attempts are 1 to 8 s apart with jitter, whatever the
 * reason, `conflict` and a wrong secret included (cases 38, 39); the log says each change once. Stock reconnecting waits for ever on a silent
 * server and knocks each second.
 */
import { cut, hangUp } from './connection.js'
import type { Desk } from './desk.js'
import type { EntityJid, EntityParts } from './entity.js'
import { ConnectionFailed, codeOf } from './errors.js'
import { randomBetween } from './ids.js'
import { forgetNegotiation, rememberNegotiation } from './negotiation.js'

export interface SupervisorOptions {
  /** Whether `start()` goes on trying after a first failure (a service), or rejects (a command). */
  persist: boolean
  /** Shortest and longest wait between attempts, in milliseconds. */
  backoffMs: { least: number; most: number }
  /** Which service to connect to in this attempt. */
  services: Services
}

/** Where the server may be found. */
export interface Services {
  /** The service to try next, as `xmpp://host:port`. */
  next(): Promise<string | undefined>
  /** How many of them there are, as far as is known: so many failures are one. */
  readonly count: number
}

export class Supervisor {
  readonly #desk: Desk
  readonly #entity: EntityParts
  readonly #options: SupervisorOptions
  #wanted = false
  /** Whether an attempt or a connection of ours is under way. */
  #alive = false
  #attempts = 0
  #failures = 0
  #onlineSince = 0
  #reason: unknown
  #lastReason = ''
  #attemptAt = Number.NEGATIVE_INFINITY
  #told = ''
  #retry: NodeJS.Timeout | undefined
  #watch: NodeJS.Timeout | undefined
  #waiters: { resolve(jid: EntityJid): void; reject(error: Error): void }[] = []

  constructor(desk: Desk, options: SupervisorOptions) {
    this.#desk = desk
    this.#entity = desk.entity
    this.#options = options
    this.#entity.on('error', (error) => this.#onError(error))
    this.#entity.on('status', (status: string) => this.#onStatus(status))
    rememberNegotiation(this.#entity)
  }

  /** @throws ConnectionFailed at the first failure, unless told to persist; and when stopped before it was online */
  start(): Promise<EntityJid> {
    if (this.#wanted || this.#entity.status !== 'offline') {
      return Promise.reject(new Error('the entity has been started already'))
    }
    this.#wanted = true
    this.#failures = 0
    this.#attempts = 0
    this.#told = ''
    return new Promise((resolve, reject) => {
      this.#waiters.push({ resolve, reject })
      this.#attempt()
    })
  }

  async stop(): Promise<void> {
    this.#wanted = false
    clearTimeout(this.#retry)
    await hangUp(this.#entity)
    clearTimeout(this.#watch)
    this.#entity._status('offline')
    this.#settle(new ConnectionFailed('stopped'))
  }

  /** Ends this connection for a reason of ours; the next attempt follows. */
  fail(reason: unknown): void {
    if (!this.#wanted || !this.#alive) return
    if (this.#entity.status === 'online') this.#reason = reason
    else this.#reason ??= reason
    cut(this.#entity)
    // Before there is a socket, nothing says that it is gone.
    if (this.#entity.socket === null) this.#lost()
  }

  /**
   * The network may be there again: if the next attempt only waits, it is made now, but never sooner after the last one began
   * than the shortest wait. A server that said no is not asked again any sooner.
   */
  hurry(): void {
    if (!this.#wanted || this.#alive || this.#retry === undefined || !isOfNetwork(this.#lastReason)) return
    const { least } = this.#options.backoffMs
    this.#retryIn(Math.max(0, this.#attemptAt + least - performance.now()))
  }

  #retryIn(waitMs: number): void {
    clearTimeout(this.#retry)
    this.#retry = setTimeout(() => {
      this.#retry = undefined
      if (this.#wanted && !this.#alive) void this.#attempt()
    }, waitMs)
  }

  async #attempt(): Promise<void> {
    const entity = this.#entity
    const attempt = ++this.#attempts
    const current = () => this.#wanted && this.#alive && attempt === this.#attempts
    this.#alive = true
    this.#attemptAt = performance.now()
    this.#reason = undefined
    this.#arm('looking up the server')
    try {
      const service = await this.#options.services.next()
      if (!current()) return
      await entity.connect(service)
      if (!current()) return
      const { domain, lang } = entity.options
      await entity.open({ domain, lang })
    } catch (error) {
      if (current() && entity.status !== 'online') this.fail(error)
    }
  }

  #onError(error: unknown): void {
    const { status } = this.#entity
    this.#desk.log.debug({ reason: codeOf(error), status }, 'stream error')
    if (!this.#alive) return
    if (status === 'online') {
      this.#reason = error
      return
    }
    // On the way to online every error is final: stock code would stay half connected after, say, a wrong password.
    this.#reason ??= error
    const attempt = this.#attempts
    setImmediate(() => {
      if (attempt === this.#attempts && this.#entity.status !== 'online') this.fail(error)
    })
  }

  #onStatus(status: string): void {
    clearTimeout(this.#watch)
    switch (status) {
      case 'online':
        this.#onlineSince = performance.now()
        this.#reason = undefined
        this.#tell('online')
        this.#settle()
        break
      case 'close':
        // The server has ended its stream: we end ours, and the connection.
        setImmediate(() => {
          if (this.#entity.status === 'close') void hangUp(this.#entity)
        })
        break
      case 'disconnect':
        this.#lost()
        break
      case 'offline':
        break
      default:
        if (this.#wanted) this.#arm(status)
    }
  }

  #arm(status: string): void {
    clearTimeout(this.#watch)
    this.#watch = setTimeout(() => {
      this.fail(new ConnectionFailed('timeout', `the server took too long (${status})`))
    }, this.#desk.limits.stateMs)
  }

  #lost(): void {
    clearTimeout(this.#watch)
    if (!this.#alive) return
    this.#alive = false
    const reason = this.#reason ?? new ConnectionFailed('closed')
    if (this.#onlineSince === 0) forgetNegotiation(this.#entity, reason)
    else if (performance.now() - this.#onlineSince > this.#options.backoffMs.most) this.#failures = 0
    this.#onlineSince = 0
    if (!this.#wanted) return
    const { services, persist } = this.#options
    if (this.#waiters.length > 0 && !persist && this.#failures + 1 >= services.count) {
      this.#giveUp(reason)
      return
    }
    const { least, most } = this.#options.backoffMs
    // The first wait is short: mostly it is a server that has just been restarted.
    const waitMs = randomBetween(least, Math.min(most, least * 2 ** ++this.#failures))
    this.#tell(codeOf(reason), waitMs)
    this.#lastReason = codeOf(reason)
    this.#retryIn(waitMs)
  }

  #giveUp(reason: unknown): void {
    this.#wanted = false
    const error = new ConnectionFailed(codeOf(reason), undefined, { cause: reason })
    // Behind the other listeners of `disconnect`.
    setImmediate(() => {
      this.#entity._status('offline')
      this.#settle(error)
    })
  }

  #tell(state: string, waitMs?: number): void {
    const { log } = this.#desk
    if (this.#told === state) {
      log.debug({ state, waitMs }, 'still not online')
      return
    }
    this.#told = state
    if (state === 'online') log.info({ domain: this.#entity.options.domain }, 'online')
    else log.warn({ reason: state, waitMs }, `not online: ${state}; trying again`)
  }

  #settle(error?: Error): void {
    const waiters = this.#waiters
    this.#waiters = []
    for (const { resolve, reject } of waiters) {
      if (error) reject(error)
      else resolve(this.#entity.jid as EntityJid)
    }
  }
}

/** Whether it is a failing of the path to the server, and not the server's word. */
const isOfNetwork = (code: string): boolean => /^(E[A-Z_]+|timeout|silent|closed|address-gone)$/.test(code)
