/**
 * A device that brings whole lists to the component, with what the plugin does it with: its session, its mouth, its ear. It can
 * also be bent: what it dials goes through a border that can hold bytes back, and it may hand over any file as a list.
 */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { hear } from '../../../client-plugin/mediator/ear.js'
import { Mouth } from '../../../client-plugin/mediator/mouth.js'
import { Session } from '../../../client-plugin/mediator/session.js'
import { ListOffers } from '../../../client-plugin/share/offer-list.js'
import { DialBudget } from '../../../client-plugin/transfer/dial-budget.js'
import { keptIdentity } from '../../../link/index.js'
import { actions, type Entry, questions, share as shareCodec } from '../../../schemas/index.js'
import { createClientEntity, Refused, request, type XmppEntity } from '../../../wire/index.js'
import type { Stage } from '../stage.js'

/** An entry of a list; what it is follows from its number. */
export function listed(n: number): Entry {
  const folder = `folder ${String(Math.floor(n / 500)).padStart(5, '0')}`
  const root = new Uint8Array(32)
  new DataView(root.buffer).setUint32(0, n)
  root[31] = 7
  return {
    path: `${folder}/song number ${String(n).padStart(7, '0')}.mp3`,
    size: 1_000 + n,
    modified: 1_013_545_379,
    root,
    type: 'audio/mpeg',
    tags: [],
  }
}

/** So many of them, from the first, in the order of a list. */
export function* entries(count: number, from = 0): Generator<Entry> {
  for (let n = from; n < from + count; n++) yield listed(n)
}

export class Lister {
  readonly state: string
  lists!: ListOffers
  device!: string
  #session!: Session
  #unhear!: () => void

  private constructor(
    readonly entity: XmppEntity,
    readonly component: string,
    state: string,
  ) {
    this.state = state
  }

  /** A device of this account that is logged in; with the state of another one it is the same device. */
  static async at(stage: Stage, name: string, state?: string): Promise<Lister> {
    const { prosody } = stage
    prosody.addUser(name, 'password')
    const entity = createClientEntity({
      jid: `${name}@${prosody.domain}`,
      password: 'password',
      service: prosody.service,
    })
    await entity.start()
    const folder = state ?? mkdtempSync(join(tmpdir(), 'jabberfs-lister-'))
    const lister = new Lister(entity, stage.domain, folder)
    await lister.#begin()
    return lister
  }

  get bare(): string {
    return this.entity.jid!.bare().toString()
  }

  async #begin(): Promise<void> {
    const { entity, component, state } = this
    const identity = keptIdentity(join(state, 'device.pem'))
    this.device = (await identity).id
    const events = { in: () => {}, out: () => this.lists.lost(), anew: () => this.lists.askAgain() }
    this.#session = new Session(entity, component, events, () => true)
    this.lists = new ListOffers({
      settings: { component, state, path: 'any', allowLoopback: true, linkDeadlineMs: 10_000 },
      mouth: new Mouth(entity, this.#session, component, 15_000),
      identity,
      dialBudget: new DialBudget(),
    })
    const others = Object.fromEntries(
      Object.keys(actions).map((name) => [
        name,
        () => {
          throw Refused.by('not-found')
        },
      ]),
    ) as unknown as Parameters<ListOffers['before']>[0]
    const heard = this.lists.before(others)
    const fault = (error: unknown) => {
      throw error
    }
    this.#unhear = hear(entity, component, () => heard, fault)
    this.#session.start(this.device)
    await this.#session.whenIn()
  }

  /** Waits until it is logged in (again). */
  loggedIn(): Promise<void> {
    return this.#session.whenIn()
  }

  /** Registers, and makes a share. */
  async shares(share: string): Promise<void> {
    await this.ask(questions.register.ask.write({}))
    const visibility = { kind: 'everybody' as const }
    await this.ask(shareCodec.write({ id: share, name: share, tags: [], visibility }))
  }

  ask(payload: Parameters<typeof request>[1]['payload'], type: 'get' | 'set' = 'set') {
    return request(this.entity, { to: this.component, type, payload })
  }

  /** Sends a list of so many entries. */
  send(share: string, seq: number, count: number, from = 0): Promise<void> {
    return this.lists.send({ share, seq, entries: count }, entries(count, from))
  }

  /** Ends it as a process that is killed does: without a word to anybody. */
  async kill(): Promise<void> {
    this.lists.stop()
    this.#unhear()
    await this.entity.stop().catch(() => {})
  }

  async close(): Promise<void> {
    this.lists.stop()
    this.#unhear()
    await this.#session.stop()
    await this.entity.stop().catch(() => {})
    rmSync(this.state, { recursive: true, force: true })
  }
}

/** How something failed: its code, and what it says beside. */
export const codeOf = async (done: Promise<unknown>): Promise<string> => {
  try {
    await done
    return 'done'
  } catch (error) {
    const { code, detail } = error as { code?: string; detail?: string }
    return detail === undefined ? String(code) : `${code}: ${detail}`
  }
}
