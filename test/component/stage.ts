/**
 * The stage of the component's tests: a private Prosody, the component, and devices that log in and talk to it as any
 * client would. Nothing waits by sleeping: a device waits for what it is to hear.
 */

import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type RunningComponent, type StartConfig, startComponent } from '../../component/index.js'
import type { StartOptions } from '../../component/service.js'
import {
  type Action,
  type ActionName,
  type ActionValues,
  actions,
  childOf,
  type Element,
  login,
  nsTransfer,
  readAction,
  writeAction,
  xml,
} from '../../schemas/index.js'
import { type PrivateProsody, type ProsodyOptions, startProsody } from '../../scripts/private-prosody.js'
import {
  answer,
  createClientEntity,
  newId,
  onPresence,
  Refused,
  RequestRefused,
  request,
  type XmppEntity,
} from '../../wire/index.js'

/** A device's id, as good as any. */
export const newDevice = () => randomBytes(32).toString('hex')

/** Values that arrive, and those who wait for them. */
export class Inbox<T> {
  readonly all: T[] = []
  #taken = 0
  #waiting: ((value: T) => void)[] = []

  put(value: T): void {
    this.all.push(value)
    const first = this.#waiting.shift()
    if (first) {
      this.#taken++
      first(value)
    }
  }

  /** The next that nobody has taken yet. */
  next(): Promise<T> {
    if (this.#taken < this.all.length) return Promise.resolve(this.all[this.#taken++]!)
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  get untaken(): number {
    return this.all.length - this.#taken
  }
}

export class Device {
  readonly heard = new Inbox<Action>()
  readonly presences = new Inbox<Element>()
  /** What to answer to a delivery: nothing is `result`. */
  onDelivery: (action: Action) => Promise<void> | void = () => {}

  constructor(
    readonly entity: XmppEntity,
    readonly component: string,
    readonly id: string,
  ) {
    for (const name of Object.keys(actions)) {
      answer(entity, {
        type: 'set',
        ns: nsTransfer,
        name,
        handle: async (payload, { from }) => {
          if (from !== component) throw Refused.by('forbidden')
          const action = readAction(payload)
          await this.onDelivery(action)
          this.heard.put(action)
        },
      })
    }
    onPresence(entity, (presence) => {
      if (presence.attrs.from === component) this.presences.put(presence)
    })
  }

  get jid(): string {
    return this.entity.jid!.toString()
  }

  get bare(): string {
    return this.entity.jid!.bare().toString()
  }

  /** Logs in; gives the component's presence. */
  async logIn(): Promise<Element> {
    await this.sayLogIn()
    return this.presences.next()
  }

  async sayLogIn(): Promise<void> {
    await this.entity.send(xml('presence', { to: this.component }, login.write({ device: this.id })))
  }

  async logOut(): Promise<void> {
    await this.entity.send(xml('presence', { to: this.component, type: 'unavailable' }))
  }

  /** Says an action; gives the payload of the result. */
  say<N extends ActionName>(
    action: N,
    value: ActionValues[N],
    timeoutMs?: number,
  ): Promise<Element | undefined> {
    return this.ask(writeAction({ action, value } as Action), 'set', timeoutMs)
  }

  ask(payload: Element, type: 'get' | 'set' = 'set', timeoutMs?: number): Promise<Element | undefined> {
    return request(this.entity, {
      to: this.component,
      type,
      payload,
      ...(timeoutMs !== undefined && { timeoutMs }),
    })
  }

  /** Says an action that is to be refused. @returns how, as `condition/type app` */
  async refused<N extends ActionName>(action: N, value: ActionValues[N]): Promise<string> {
    return refusalOf(this.say(action, value))
  }

  /** The next delivery, which must be this one. */
  async next<N extends ActionName>(action: N): Promise<ActionValues[N]> {
    const heard = await this.heard.next()
    if (heard.action !== action) throw new Error(`heard ${heard.action} instead of ${action}`)
    return heard.value as ActionValues[N]
  }
}

/** How a request was refused, in short. */
export async function refusalOf(asked: Promise<unknown>): Promise<string> {
  try {
    await asked
  } catch (error) {
    if (!(error instanceof RequestRefused)) throw error
    const { condition, type, app } = error
    if (app === undefined) return `${condition}/${type}`
    if (app.name === 'state') return `${condition}/${type} state ${app.state} ${app.attempt}`
    return `${condition}/${type} ${app.name}${app.name === 'field' ? ` ${app.field}` : ''}`
  }
  return 'result'
}

/** Whether a presence of the component says that the device is logged in. */
export const saysLoggedIn = (presence: Element) => childOf(presence, 'login', nsTransfer) !== undefined

/** A client of this account that is online, and not logged in to the component. */
export async function clientAt(
  prosody: PrivateProsody,
  name: string,
  device = newDevice(),
  resource = newId().slice(0, 8),
): Promise<Device> {
  prosody.addUser(name, 'password')
  const jid = `${name}@${prosody.domain}`
  const entity = createClientEntity({ jid, password: 'password', service: prosody.service, resource })
  await entity.start()
  return new Device(entity, prosody.componentDomain, device)
}

/** A device that is logged in. */
export async function deviceAt(...account: Parameters<typeof clientAt>): Promise<Device> {
  const it = await clientAt(...account)
  await it.logIn()
  return it
}

export class Stage {
  readonly #entities: XmppEntity[] = []
  component!: RunningComponent
  readonly state = mkdtempSync(join(tmpdir(), 'jabberfs-component-'))

  private constructor(
    readonly prosody: PrivateProsody,
    readonly config: Partial<StartConfig>,
  ) {}

  static async open(
    config: Partial<StartConfig> = {},
    options: StartOptions = {},
    server: ProsodyOptions = {},
  ): Promise<Stage> {
    const stage = new Stage(await startProsody(server), config)
    await stage.startComponent(options)
    return stage
  }

  get domain(): string {
    return this.prosody.componentDomain
  }

  async startComponent(options: StartOptions = {}): Promise<void> {
    this.component = await startComponent(
      {
        domain: this.prosody.componentDomain,
        server: this.prosody.componentService,
        secret: this.prosody.secret,
        state: this.state,
        logLevel: 'silent',
        ...this.config,
      },
      options,
    )
    await this.component.online
  }

  /** As `clientAt`; stopped with the stage. */
  async client(name: string, device?: string, resource?: string): Promise<Device> {
    const it = await clientAt(this.prosody, name, device, resource)
    this.#entities.push(it.entity)
    return it
  }

  /** A device that is logged in. */
  async device(name: string, device?: string, resource?: string): Promise<Device> {
    const it = await this.client(name, device, resource)
    await it.logIn()
    return it
  }

  async close(): Promise<void> {
    await Promise.all(this.#entities.map((entity) => entity.stop().catch(() => {})))
    await this.component.stop()
    await this.prosody.stop()
    rmSync(this.state, { recursive: true, force: true, maxRetries: 5 })
  }
}

let named = 0
/** An offer's id that nobody has used. */
export const newOfferId = () => `offer-${process.pid}-${++named}`

/** A file as it is offered. */
export const someFile = (filename = 'my_girl.jpg') => ({
  filename,
  filesize: 35_012,
  root: new Uint8Array(32).fill(7),
  hashes: [],
  rootLater: false,
})

export const token = () => new Uint8Array(randomBytes(32))
export const someWay = () => ({
  kind: 'listening' as const,
  candidates: [{ ip: '192.0.2.1', port: 6666, kind: 'host' as const }],
})
