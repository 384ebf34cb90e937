/**
 * Keeps an entity online.
 *
 * Rules (P19): no state on the way to `online` lasts longer than ten seconds; attempts are 1 to 8 s apart with jitter, whatever the
 * reason, `conflict` and a wrong secret included; the log says each change once. Stock reconnecting waits for ever on a silent server and knocks each second.
 */
import { cut, hangUp } from './connection.js'
import type { Desk } from './desk.js'
import type { EntityJid, EntityParts } from './entity.js'
import { ConnectionFailed, codeOf } from './errors.js'
import { randomBetween } from './ids.js'

export interface SupervisorOptions {
  /** Whether `start()` goes on trying after a first failure (a service), or rejects (a command). */
  persist: boolean
  /** Shortest and longest wait between attempts, in milliseconds. */
  backoffMs: { least: number; most: number }
}

export class Supervisor {
  readonly #desk: Desk
  readonly #options: SupervisorOptions
  #wanted = false
  #failures = 0
  #onlineSince = 0
  #lastError: unknown
  #told = ''
  #retry: NodeJS.Timeout | undefined
  #watch: NodeJS.Timeout | undefined
  #waiters: { resolve(jid: EntityJid): void; reject(error: Error): void }[] = []

  constructor(desk: Desk, options: SupervisorOptions) {
    this.#desk = desk
    this.#options = options
    const { entity } = desk
    entity.on('error', (error) => this.#onError(error))
    entity.on('status', (status: string) => this.#onStatus(status))
  }

  get #entity(): EntityParts {
    return this.#desk.entity
  }

  /** @throws ConnectionFailed at the first failure, unless told to persist; and when stopped before it was online */
  start(): Promise<EntityJid> {
    if (this.#wanted || this.#entity.status !== 'offline') {
      return Promise.reject(new Error('the entity has been started already'))
    }
    this.#wanted = true
    this.#failures = 0
    this.#lastError = undefined
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
    this.#lastError ??= reason
    cut(this.#entity)
  }

  #attempt(): void {
    const entity = this.#entity
    this.#lastError = undefined
    this.#arm('connecting')
    const { service, domain, lang } = entity.options
    // Inside a promise: stock code throws at a service it has no transport for.
    Promise.resolve()
      .then(() => entity.connect(service))
      .then(() => entity.open({ domain, lang }))
      .catch((error) => {
        if (this.#wanted && entity.status !== 'online') this.fail(error)
      })
  }

  #onError(error: unknown): void {
    this.#lastError ??= error
    this.#desk.log.debug({ reason: codeOf(error) }, 'stream error')
    // On the way to online every error is final: stock code would stay half connected after, say, a wrong password.
    if (this.#wanted && this.#entity.status !== 'online') setImmediate(() => this.#cutUnlessOnline())
  }

  #cutUnlessOnline(): void {
    const { status } = this.#entity
    if (this.#wanted && status !== 'online' && status !== 'disconnect' && status !== 'offline')
      cut(this.#entity)
  }

  #onStatus(status: string): void {
    clearTimeout(this.#watch)
    switch (status) {
      case 'online':
        this.#onlineSince = Date.now()
        this.#lastError = undefined
        this.#tell('online')
        this.#settle()
        break
      case 'close':
        // The server has ended its stream: we end ours, and the connection.
        if (this.#lastError === undefined) this.#lastError = new ConnectionFailed('closed')
        setImmediate(() => void hangUp(this.#entity))
        break
      case 'disconnect':
        this.#lost()
        break
      case 'offline':
        break
      default:
        this.#arm(status)
    }
  }

  #arm(status: string): void {
    clearTimeout(this.#watch)
    this.#watch = setTimeout(() => {
      this.fail(new ConnectionFailed('timeout', `the server did not get us from ${status} to online in time`))
    }, this.#desk.limits.stateMs)
  }

  #lost(): void {
    if (this.#onlineSince !== 0 && Date.now() - this.#onlineSince > this.#options.backoffMs.most)
      this.#failures = 0
    this.#onlineSince = 0
    if (!this.#wanted) return
    const reason = codeOf(this.#lastError ?? new ConnectionFailed('closed'))
    if (this.#waiters.length > 0 && !this.#options.persist) {
      this.#wanted = false
      const error = new ConnectionFailed(reason, undefined, { cause: this.#lastError })
      setImmediate(() => {
        this.#entity._status('offline')
        this.#settle(error)
      })
      return
    }
    const { least, most } = this.#options.backoffMs
    // The first wait is short: mostly it is a server that has just been restarted.
    const ceiling = Math.min(most, least * 2 ** ++this.#failures)
    const waitMs = randomBetween(least, ceiling)
    this.#tell(reason, waitMs)
    clearTimeout(this.#retry)
    this.#retry = setTimeout(() => {
      if (this.#wanted && this.#entity.status === 'disconnect') this.#attempt()
    }, waitMs)
  }

  #tell(state: string, waitMs?: number): void {
    const { log } = this.#desk
    if (this.#told === state) {
      log.debug({ state, waitMs }, 'still not online')
      return
    }
    this.#told = state
    if (state === 'online') log.info({ domain: this.#entity.options.domain }, 'online')
    else
      log.warn(
        { reason: state, waitMs },
        `not online: ${state}; trying again, at most ${this.#options.backoffMs.most / 1000} s apart`,
      )
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
