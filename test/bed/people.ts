/** Two people on the bed, one in each home, each a process that uses the plugin's public API; and the server between them. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FileTransferOptions } from '../../client-plugin/index.js'
import { Peer } from '../scenarios/peer.js'
import type { Manners } from '../scenarios/words.js'
import { Bed, type BedPlan, type Home } from './bed.js'
import { componentDomain, type Services, type Standing, startServers } from './servers.js'

export interface TownPlan extends BedPlan {
  services?: Services
  options?: Partial<Record<Home, Partial<FileTransferOptions>>>
}

export class Town {
  bed!: Bed
  readonly dir = mkdtempSync(join(tmpdir(), 'jabberfs-bed-'))
  readonly people = {} as Record<Home, Peer>
  #standing: Standing | undefined

  /** Builds it all; both are logged in, and whoever is in home B accepts what is offered. */
  static async make(plan: TownPlan): Promise<Town> {
    const town = new Town()
    try {
      await town.#build(plan)
      return town
    } catch (error) {
      await town.close()
      throw error
    }
  }

  /** Where files of B come in. */
  readonly into = mkdtempSync(join(this.dir, 'into-'))

  /** What the servers have said. */
  log(): string {
    return this.#standing?.log() ?? ''
  }

  async close(): Promise<void> {
    await Promise.all(Object.values(this.people).map((peer) => peer.kill().catch(() => undefined)))
    await this.#standing?.stop()
    await this.bed?.close()
    rmSync(this.dir, { recursive: true, force: true, maxRetries: 5 })
  }

  async #build(plan: TownPlan): Promise<void> {
    this.bed = await Bed.make(plan)
    const standing = await startServers(this.bed, plan.services ?? { proxy: true, turn: true, stun: true })
    this.#standing = standing
    await Promise.all([this.#moveIn('A', plan, {}), this.#moveIn('B', plan, { offers: { into: this.into } })])
  }

  async #moveIn(home: Home, plan: TownPlan, manners: Manners): Promise<void> {
    const name = home === 'A' ? 'faust' : 'mephisto'
    const jid = await this.#standing!.addUser(name, 'secret')
    const { service } = this.#standing!
    const login = { jid: `${jid}/${name}`, password: 'secret', service, allowUnencrypted: true }
    const within = this.bed.lans[home].entrance
    const peer = new Peer({ login, dir: this.dir, component: componentDomain, within })
    this.people[home] = peer
    await peer.start()
    await peer.begin({ allowLoopback: false, listen: {}, ...plan.options?.[home] }, manners)
  }
}
