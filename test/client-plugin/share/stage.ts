/** The stage for shares: a real Prosody, the component, and plugins with state folders and folders of their own. */

import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import {
  createClientEntity,
  type FileTransfer,
  type FileTransferOptions,
  fileTransfer,
  type Hit,
  type XmppEntity,
} from '../../../client-plugin/index.js'
import { type RunningComponent, startComponent } from '../../../component/index.js'
import { type PrivateProsody, type ProsodyOptions, startProsody } from '../../../scripts/private-prosody.js'

export interface Person {
  jid: string
  entity: XmppEntity
  files: FileTransfer
  leave(): Promise<void>
}

export class Stage {
  readonly dir = mkdtempSync(join(tmpdir(), 'jabberfs-shares-'))
  prosody!: PrivateProsody
  #component: RunningComponent | undefined
  #listPort = 0
  #catalogue: { entriesPerPeer?: number } = {}
  readonly #present = new Set<Person>()

  /**
   * @param listPort where the component takes whole lists; not at all unless it is said
   * @param entriesPerPeer how much it takes of one; as usual unless it is said
   */
  async open(options: ProsodyOptions = {}, listPort = 0, entriesPerPeer?: number): Promise<this> {
    this.#listPort = listPort
    if (entriesPerPeer !== undefined) this.#catalogue = { entriesPerPeer }
    this.prosody = await startProsody({ iterations: 100, ...options })
    await this.startComponent()
    return this
  }

  async startComponent(): Promise<void> {
    const { componentDomain: domain, componentService: server, secret } = this.prosody
    const state = join(this.dir, 'component')
    const listPort = this.#listPort
    const options = {
      domain,
      server,
      secret,
      state,
      logLevel: 'silent',
      listPort,
      listHost: '127.0.0.1',
      catalogue: this.#catalogue,
    } as const
    this.#component = await startComponent(options)
    await this.#component.online
  }

  async stopComponent(): Promise<void> {
    await this.#component?.stop()
    this.#component = undefined
  }

  /** A person with an account, logged in with the state folder of that name. */
  async person(name: string, state = name, options: Partial<FileTransferOptions> = {}): Promise<Person> {
    const jid = this.prosody.addUser(name, 'secret')
    const { service, componentDomain: component } = this.prosody
    const entity = createClientEntity({ jid: `${jid}/${state}`, password: 'secret', service })
    entity.on('error', () => undefined)
    await entity.start()
    const files = fileTransfer(entity, {
      component,
      state: join(this.dir, `state-${state}`),
      allowLoopback: true,
      ...options,
    })
    const person: Person = {
      jid,
      entity,
      files,
      leave: async () => {
        this.#present.delete(person)
        await files.stop()
        await entity.stop()
      },
    }
    this.#present.add(person)
    await files.ready
    return person
  }

  /** A folder with these files: path → content. */
  folder(name: string, files: Record<string, string | Buffer> = {}): string {
    const folder = join(this.dir, name)
    mkdirSync(folder, { recursive: true })
    for (const [path, content] of Object.entries(files)) putRested(folder, path, content)
    return folder
  }

  async close(): Promise<void> {
    await Promise.all([...this.#present].map((person) => person.leave()))
    await this.stopComponent()
    await this.prosody.stop()
    rmSync(this.dir, { recursive: true, force: true, maxRetries: 5 })
  }
}

export function put(folder: string, path: string, content: string | Buffer): void {
  const file = join(folder, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, content)
}

/** As {@link put}, as if nobody had written to it for long. */
export function putRested(folder: string, path: string, content: string | Buffer): void {
  put(folder, path, content)
  utimesSync(join(folder, path), 1_000_000_000, 1_000_000_000)
}

/** Asks again where the catalogue had no time for it, as on a machine that does other things as well. */
async function persist<T>(ask: () => Promise<T>): Promise<T> {
  for (let n = 0; ; n++) {
    try {
      return await ask()
    } catch (error) {
      if ((error as { code?: unknown }).code !== 'too-fast' || n === 30) throw error
    }
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
}

/** Looks until it is so, or long enough. @returns what was found last */
export async function until<T>(
  look: () => Promise<T> | T,
  isSo: (found: T) => boolean,
  ms = 90_000,
): Promise<T> {
  const end = performance.now() + ms
  for (;;) {
    const isOver = performance.now() > end
    try {
      const found = await persist(async () => look())
      if (isOver || isSo(found)) return found
    } catch (error) {
      // What goes while it is looked at page by page is not found: then it is looked at anew.
      if (isOver || (error as { code?: unknown }).code !== 'not-found') throw error
    }
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

/** Everything that a search finds. */
export async function allHits(files: FileTransfer, words: string): Promise<Hit[]> {
  const hits: Hit[] = []
  for (let after: string | undefined; ; ) {
    const page = await persist(() => files.catalogue.search({ words }, { ...(after && { after }) }))
    hits.push(...page.items)
    after = page.next
    if (after === undefined) return hits
  }
}

/** The paths of everything in a share, as another sees it; begun again where the place in it was lost meanwhile. */
export async function published(files: FileTransfer, peer: string, share: string): Promise<string[]> {
  const paths: string[] = []
  for (let after: string | undefined; ; ) {
    try {
      const place = { deep: true, ...(after && { after }) }
      const page = await persist(() => files.catalogue.browse(peer, share, '', place))
      paths.push(...page.items.map(({ path }) => path))
      after = page.next
      if (after === undefined) return paths.sort()
    } catch (error) {
      if (after === undefined || (error as { code?: unknown }).code !== 'not-found') throw error
      paths.length = 0
      after = undefined
    }
  }
}
