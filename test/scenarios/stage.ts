/** The stage of the scenarios: a real Prosody, the component, and peers in processes of their own. */

import { createHash, randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type RunningComponent, startComponent } from '../../component/index.js'
import { type PrivateProsody, type ProsodyOptions, startProsody } from '../../scripts/private-prosody.js'
import { Peer } from './peer.js'
import type { HeldUp } from './words.js'

export class Stage {
  readonly dir = mkdtempSync(join(tmpdir(), 'jabberfs-scenario-'))
  prosody!: PrivateProsody
  #component: RunningComponent | undefined
  readonly #peers: Peer[] = []

  constructor(readonly options: ProsodyOptions = {}) {}

  async open(): Promise<this> {
    await this.openServer()
    await this.startComponent()
    return this
  }

  /** Only the server, without a component. */
  async openServer(): Promise<void> {
    this.prosody = await startProsody({ iterations: 100, ...this.options })
  }

  async startComponent(): Promise<void> {
    const { componentDomain: domain, componentService: server, secret } = this.prosody
    const state = join(this.dir, 'component')
    this.#component = await startComponent({ domain, server, secret, state, logLevel: 'silent' })
    await this.#component.online
  }

  async stopComponent(): Promise<void> {
    await this.#component?.stop()
    this.#component = undefined
  }

  /** A peer with an account of its own, logged in to the server. */
  async peer(name: string, slowReadMs = 0, lies = false): Promise<Peer> {
    const jid = this.prosody.addUser(name, 'secret')
    const login = { jid: `${jid}/${name}`, password: 'secret', service: this.prosody.service }
    const peer = new Peer({ login, dir: this.dir, component: this.prosody.componentDomain, slowReadMs, lies })
    this.#peers.push(peer)
    await peer.start()
    return peer
  }

  async close(): Promise<void> {
    await Promise.all(this.#peers.map((peer) => peer.stop()))
    await this.stopComponent()
    await this.prosody.stop()
    rmSync(this.dir, { recursive: true, force: true, maxRetries: 5 })
  }
}

export const mebibyte = 2 ** 20

/** A file of so many bytes stays in the middle until whoever sends it is let go. */
export const stuckHalfWay = (bytes: number): HeldUp => ({ from: bytes / 2, ms: 3_600_000 })

/** As if nobody had written to it for long: it is not waited for when it is shared. */
export function aged(path: string): void {
  const then = new Date(Date.now() - 3_600_000)
  utimesSync(path, then, then)
}

/** Writes a file of random bytes. */
export function randomFile(dir: string, name: string, bytes: number): { path: string; digest: string } {
  const content = randomBytes(bytes)
  const path = join(dir, name)
  writeFileSync(path, content)
  return { path, digest: createHash('sha256').update(content).digest('hex') }
}

export function digestOf(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex')
}
