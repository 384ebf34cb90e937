/** Random changes, made to the catalogue and told to the oracle once they are answered. */

import { rmSync } from 'node:fs'
import { type Catalogue, openCatalogue } from '../../../../component/catalogue/catalogue.js'
import type { Change, DeviceName, Entry, ShareName } from '../../../../component/catalogue/values.js'
import { ok, Stage } from '../stage.js'
import { type Drawing, domains, peers, tags, users } from './drawing.js'
import { publishAndBeKilled } from './killing.js'
import { deviceKey, Oracle, type Shared } from './oracle.js'

export class Changing {
  readonly oracle = new Oracle(users)
  readonly #stage = new Stage()
  readonly #drawing: Drawing
  readonly #registered = new Set<string>()
  catalogue!: Catalogue

  constructor(drawing: Drawing) {
    this.#drawing = drawing
  }

  async open(): Promise<void> {
    this.catalogue = await openCatalogue({ path: this.#stage.path, readers: 1, users, check: false })
    await this.catalogue.allOffline()
    this.oracle.online.clear()
  }

  async end(): Promise<void> {
    await this.catalogue.close()
    rmSync(this.#stage.dir, { recursive: true, force: true })
  }

  async reopen(): Promise<void> {
    await this.catalogue.close()
    await this.open()
  }

  /** Some change. @returns what it was */
  async step(): Promise<string> {
    const { oracle } = this
    const { random, one, once } = this.#drawing
    const shared = oracle.shares.length > 0 && !once(12) ? one(oracle.shares) : await this.share()
    switch (random.below(16)) {
      case 0:
      case 1:
      case 2:
        return this.#publish(shared, this.#change(shared))
      case 3:
      case 4:
        return this.#publish(shared, this.#renaming(shared))
      case 5:
        return this.list(shared, this.#entries(120))
      case 6:
        return this.#brokenList(shared)
      case 7:
        return this.#settings(shared)
      case 8:
        ok(await this.catalogue.closeShare(shared))
        this.#forget((other) => other === shared)
        return `${shared.share} of ${shared.peer} ends`
      case 9:
        return this.#leave(shared)
      case 10:
      case 11:
      case 12:
        return this.attend(shared, !oracle.isOnline(shared))
      case 13:
        return this.#block()
      case 14:
        return this.#keepOut()
      default:
        return this.#seldom(shared)
    }
  }

  async #seldom(shared: Shared): Promise<string> {
    const { one, once } = this.#drawing
    if (once(2)) {
      await this.catalogue.allOffline()
      this.oracle.online.clear()
      return 'nobody is online'
    }
    if (once(2)) {
      await this.reopen()
      return 'opened again'
    }
    const peer = one([shared.peer, one(peers)])
    await this.catalogue.removePeer(peer)
    this.#forget((other) => other.peer === peer)
    for (const device of ['laptop', 'phone']) {
      this.#registered.delete(deviceKey(peer, device))
      this.oracle.online.delete(deviceKey(peer, device))
    }
    return `${peer} is removed`
  }

  /** Killed right after a change was answered, in the middle of a whole list. */
  async kill(shared: Shared): Promise<string> {
    const change = this.#change(shared)
    await this.catalogue.close()
    await publishAndBeKilled(this.#stage.path, shared, change)
    this.#apply(shared, change)
    await this.open()
    return 'killed'
  }

  async share(
    peer = this.#drawing.one(peers),
    device = this.#drawing.one(['laptop', 'phone']),
    share = this.#drawing.one(['a', 'b', 'c']),
  ): Promise<Shared> {
    await this.#register({ peer, device })
    const name = { peer, device, share: `${device}-${share}` }
    let shared = this.oracle.shares.find((one) => one.peer === peer && one.share === name.share)
    if (shared === undefined) {
      shared = { ...name, title: 'x', tags: [], visibleTo: { kind: 'nobody' }, seq: 0, entries: new Map() }
      await this.#settings(shared)
      this.oracle.shares.push(shared)
    }
    return shared
  }

  async #register(name: DeviceName): Promise<void> {
    const key = deviceKey(name.peer, name.device)
    if (this.#registered.has(key)) return
    ok(await this.catalogue.register(name))
    this.#registered.add(key)
  }

  async #settings(shared: Shared): Promise<string> {
    const { one, some } = this.#drawing
    const said = { name: one(['Bilder', 'Musik']), visibleTo: this.#drawing.visibleTo(), tags: some(tags, 2) }
    ok(await this.catalogue.openShare(shared, said))
    Object.assign(shared, { title: said.name, visibleTo: said.visibleTo, tags: said.tags })
    return `${shared.share} of ${shared.peer} is for ${JSON.stringify(said)}`
  }

  #entries(most: number): Entry[] {
    return this.#drawing.list(this.#drawing.random.below(most + 1), () => this.#drawing.entry())
  }

  #change({ seq, entries }: Shared): Change {
    const { once, one, some, random } = this.#drawing
    const paths = [...entries.keys()]
    const removes = paths.length > 0 ? some([...paths, 'not there'], 10) : []
    const adds = this.#entries(30)
    if (paths.length > 0 && once(2)) adds.push(this.#drawing.entry(one(paths)))
    return { base: seq, seq: seq + 1 + random.below(3), adds, removes }
  }

  #renaming({ seq, entries }: Shared): Change {
    const { one, list, random } = this.#drawing
    const renamed = entries.size === 0 ? [] : list(1 + random.below(4), () => one([...entries.values()]))
    const adds = renamed.map((entry) => ({ ...entry, path: this.#drawing.path() }))
    return { base: seq, seq: seq + 1, removes: renamed.map(({ path }) => path), adds }
  }

  async #publish(shared: Shared, change: Change): Promise<string> {
    ok(await this.catalogue.publish(shared, change))
    this.#apply(shared, change)
    return `${shared.share} of ${shared.peer}: ${change.adds.length} more, ${change.removes.length} less`
  }

  #apply(shared: Shared, { seq, adds, removes }: Change): void {
    for (const path of removes) shared.entries.delete(path)
    for (const entry of adds) shared.entries.set(entry.path, entry)
    shared.seq = seq
  }

  /** A whole list in place of what is there. */
  async list(shared: Shared, some: readonly Entry[]): Promise<string> {
    const entries = new Map(some.map((entry) => [entry.path, entry]))
    const seq = shared.seq + 1 + this.#drawing.random.below(5)
    ok(await this.catalogue.replaceShare(shared, seq, [[...entries.values()]]))
    Object.assign(shared, { entries, seq })
    return `${shared.share} of ${shared.peer}: a list of ${entries.size}`
  }

  async #brokenList(shared: Shared): Promise<string> {
    const some = this.#drawing.list(300, () => this.#drawing.entry())
    function* broken() {
      yield some
      throw new Error('the link broke')
    }
    await this.catalogue.replaceShare(shared, shared.seq + 7, broken()).catch(() => {})
    return `${shared.share} of ${shared.peer}: a list that broke`
  }

  async attend(name: ShareName, isOnline: boolean): Promise<string> {
    const key = deviceKey(name.peer, name.device)
    ok(await this.catalogue.attend(name, isOnline))
    if (isOnline) this.oracle.online.add(key)
    else this.oracle.online.delete(key)
    return `${key} is ${isOnline ? 'there' : 'gone'}`
  }

  async #leave({ peer, device }: DeviceName): Promise<string> {
    const { once } = this.#drawing
    // Without its registration it begins anew; nothing says then that its device is gone.
    if (once(2)) ok(await this.catalogue.register({ peer, device }))
    else {
      ok(await this.catalogue.unregister({ peer, device }))
      this.#registered.delete(deviceKey(peer, device))
      this.oracle.online.delete(deviceKey(peer, device))
    }
    this.#forget((other) => other.peer === peer && other.device === device)
    return `${device} of ${peer} begins anew`
  }

  async #block(): Promise<string> {
    const { one, some } = this.#drawing
    const peer = one(peers)
    const who = some([...domains, ...peers], 3)
    await this.catalogue.block(peer, who)
    this.oracle.blocked.set(peer, who)
    return `${peer} blocks ${who.join()}`
  }

  async #keepOut(): Promise<string> {
    const { one, once } = this.#drawing
    const { keptOut } = this.oracle
    const who = keptOut.size > 0 && !once(8) ? one([...keptOut]) : one([...domains, ...peers])
    const isKeptOut = !keptOut.has(who)
    await this.catalogue.keepOut(who, isKeptOut)
    if (isKeptOut) keptOut.add(who)
    else keptOut.delete(who)
    return `${who} is ${isKeptOut ? 'kept out' : 'let in'}`
  }

  #forget(isGone: (shared: Shared) => boolean): void {
    const left = this.oracle.shares.filter((shared) => !isGone(shared))
    this.oracle.shares.splice(0, this.oracle.shares.length, ...left)
  }
}
