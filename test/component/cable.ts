/**
 * The mediator without a server: devices and component are joined by a cable that a seeded scheduler holds. Whatever is
 * on it may be delivered, delivered twice, overtaken or lost; devices and the component restart. Only the stream
 * is a fake; rules, store and deliveries are the real ones.
 */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as moment, setImmediate as turn } from 'node:timers/promises'
import { usualLimits } from '../../component/index.js'
import { Mediator } from '../../component/mediator/mediator.js'
import { Batches } from '../../component/store/batches.js'
import { type Action, type Element, login, parseXml, readAction, writeAction } from '../../schemas/index.js'
import { Refused, RequestFailed, RequestRefused } from '../../wire/index.js'

/** The same numbers for the same seed (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

/** What became of something that was said. */
export type Answer = 'result' | { refused: string; state?: string; attempt?: number } | 'lost'

/** Something on the cable. */
interface OnCable {
  arrive(): Promise<void>
  lose(): void
  /** To whom: a device that is away gets nothing. */
  readonly what: string
}

export interface Receiver {
  /** A delivery; `result` unless it throws. */
  deliver(action: Action): void
}

const notReached = ['remote-server-not-found', 'cancel'] as const

const quiet = {
  debug() {},
  info() {},
  warn() {},
  error(fields: object, message: string) {
    throw new Error(`${message} ${JSON.stringify(fields)}`, { cause: (fields as { err?: unknown }).err })
  },
}

export class Cable {
  readonly dir = mkdtempSync(join(tmpdir(), 'jabberfs-cable-'))
  readonly waiting: OnCable[] = []
  readonly receivers = new Map<string, Receiver>()
  /** Full JIDs that nothing comes back from, asked whether they are there. */
  readonly silent = new Set<string>()
  /** Full JIDs whose server ours does not reach. */
  readonly unreached = new Set<string>()
  /** Those who were asked so, in order. */
  readonly pinged: string[] = []
  batches!: Batches
  mediator!: Mediator
  now = Date.UTC(2026, 0, 1)
  /** By how much the clock was set, which is no time that goes by. */
  #setBy = 0

  constructor() {
    this.startComponent()
  }

  startComponent(): void {
    const generation = {}
    this.#generation = generation
    this.batches = new Batches({
      path: join(this.dir, 'component.sqlite'),
      clock: () => this.now,
      steady: () => this.now - this.#setBy,
    })
    this.mediator = new Mediator({
      domain: 'files.h',
      batches: this.batches,
      limits: usualLimits,
      clock: () => this.now,
      log: quiet,
      speaker: {
        ask: (to, type, payload) => this.#ask(generation, to, type, payload),
        room: () => undefined,
        presence: () => {},
      },
    })
    // Its clock is the test's: what expires, expires when the test says so.
    this.mediator.attendance.start()
    this.mediator.attendance.streamUp()
  }

  /** The machine's clock is set: no time goes by. */
  setClock(by: number): void {
    this.now += by
    this.#setBy += by
  }

  #generation: object = {}

  /** Ends the component with whatever it had in memory, and starts it again. */
  restartComponent(): void {
    this.mediator.stop()
    for (const each of this.waiting.splice(0)) each.lose()
    this.batches.close()
    this.startComponent()
  }

  /** A device says something; it arrives when the scheduler says so. */
  say(from: string, action: Action): Promise<Answer> {
    const text = writeAction(action).toString()
    return new Promise((resolve) => {
      this.waiting.push({
        what: `${from} says ${action.action}`,
        lose: () => resolve('lost'),
        arrive: async () => {
          const answer = await this.#hear(from, text)
          // The answer has its own way to go.
          this.waiting.push({
            what: `answer to ${from}`,
            lose: () => resolve('lost'),
            arrive: async () => resolve(answer),
          })
        },
      })
    })
  }

  async logIn(from: string, device: string): Promise<void> {
    await this.mediator.attendance.logIn(from, login.write({ device }))
  }

  async logOut(from: string): Promise<void> {
    await this.mediator.attendance.logOut(from)
  }

  /** Lets everything that needs no cable happen. */
  async settle(): Promise<void> {
    for (let round = 0; round < 3; round++) {
      await this.batches.settled()
      await turn()
      await turn()
      // A proposal is brought a moment after its author has his answer.
      const { bringing, catchingUp } = this.mediator
      while (bringing.waiting + catchingUp.waiting > 0) await moment(1)
    }
  }

  close(): void {
    this.mediator.stop()
    for (const each of this.waiting.splice(0)) each.lose()
    this.batches.close()
    rmSync(this.dir, { recursive: true, force: true })
  }

  async #hear(from: string, text: string): Promise<Answer> {
    const generation = this.#generation
    try {
      await this.mediator.hear(from, parseXml(text))
    } catch (error) {
      if (generation !== this.#generation) return 'lost'
      if (!(error instanceof Refused)) throw error
      const { condition, app } = error
      return {
        refused: condition,
        ...(app?.name === 'state' && { state: app.getText(), attempt: Number(app.attrs.attempt) }),
        ...(app?.name === 'login-required' && { state: 'login-required' }),
      }
    }
    return generation === this.#generation ? 'result' : 'lost'
  }

  #ask(generation: object, to: string, type: string, payload: Element): Promise<void> {
    if (type === 'get') {
      this.pinged.push(to)
      if (this.silent.has(to)) return Promise.reject(new RequestFailed('timeout'))
      if (this.unreached.has(to)) return Promise.reject(new RequestRefused(...notReached))
      return this.receivers.has(to)
        ? Promise.resolve()
        : Promise.reject(new RequestRefused('service-unavailable', 'cancel'))
    }
    const text = payload.toString()
    return new Promise((resolve, reject) => {
      const lost = () =>
        reject(new RequestFailed(generation === this.#generation ? 'timeout' : 'disconnected'))
      this.waiting.push({
        what: `delivery of ${payload.name} to ${to}`,
        lose: lost,
        arrive: async () => {
          const receiver = this.receivers.get(to)
          if (this.unreached.has(to)) {
            reject(new RequestRefused(...notReached))
            return
          }
          if (!receiver) {
            reject(new RequestRefused('service-unavailable', 'cancel'))
            return
          }
          receiver.deliver(readAction(parseXml(text)))
          this.waiting.push({ what: `answer of ${to}`, lose: lost, arrive: async () => resolve() })
        },
      })
    })
  }
}
