/**
 * Where the monkey lives: a private Prosody, the component as a process of its own, people who share by the real command, and for
 * each of them a second device by which he looks at what others share.
 */

import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { writeAccountFile } from '../../cli/account.js'
import {
  createClientEntity,
  type FileTransfer,
  fileTransfer,
  type VisibleTo,
  type XmppEntity,
} from '../../client-plugin/index.js'
import { type ChildCommand, startCommand } from '../../scripts/child-command.js'
import { freePort } from '../../scripts/free-port.js'
import { type PrivateProsody, startProsody } from '../../scripts/private-prosody.js'

/** Enough for the books of a few thousand files, and soon full. */
const stateMegabytes = 48

/** A share as its owner is told of it. */
export interface OwnShare {
  id: string
  name: string
  folder: string
  visibleTo: VisibleTo
}

export class Person {
  serve!: ChildCommand
  eyes!: FileTransfer
  entity!: XmppEntity
  readonly jid: string
  readonly state: string
  readonly home: string
  readonly #password = randomBytes(9).toString('base64url')
  readonly #env: Record<string, string>

  constructor(
    readonly village: Village,
    readonly name: string,
  ) {
    const { prosody, dir } = village
    this.jid = prosody.addUser(name, this.#password)
    this.home = join(dir, name)
    this.state = join(dir, `${name}-state`)
    for (const folder of [this.home, this.state, `${this.home}/beside`])
      mkdirSync(folder, { recursive: true, mode: 0o700 })
    village.mount(this.state)
    const config = join(dir, `${name}.toml`)
    writeAccountFile(config, {
      jid: this.jid,
      password: this.#password,
      service: prosody.service,
      component: prosody.componentDomain,
      state: this.state,
    })
    this.#env = { JABBERFS_CONFIG: config, JABBERFS_TRUST: 'every' }
  }

  run(...args: string[]): ChildCommand {
    return this.village.start(args, this.#env)
  }

  async startServe(): Promise<void> {
    this.serve = this.run('serve')
  }

  async open(): Promise<void> {
    const { prosody, dir } = this.village
    const { service, componentDomain: component } = prosody
    this.entity = createClientEntity({ jid: `${this.jid}/eyes`, password: this.#password, service })
    this.entity.on('error', () => undefined)
    await this.entity.start()
    this.eyes = fileTransfer(this.entity, {
      component,
      state: join(dir, `${this.name}-eyes`),
      allowLoopback: true,
      trust: 'every',
    })
    await this.eyes.ready
    await this.startServe()
  }

  /** What the command says that is shared. */
  async shares(): Promise<OwnShare[]> {
    const listing = this.run('shares')
    const { code } = await listing.ended
    if (code !== 0) throw new Error(`shares: ${listing.output()}`)
    return listing.reports.filter((report) => report.report === 'share')
  }

  async close(): Promise<void> {
    await this.eyes?.stop().catch(() => undefined)
    await this.entity?.stop().catch(() => undefined)
  }
}

export class Village {
  readonly dir = realpathSync(mkdtempSync(join(tmpdir(), 'jabberfs-monkey-')))
  readonly componentState = join(this.dir, 'component')
  prosody!: PrivateProsody
  component!: ChildCommand
  readonly people: Person[] = []
  readonly #started: ChildCommand[] = []
  readonly #mounts: string[] = []

  async open(names: string[]): Promise<this> {
    this.prosody = await startProsody({ iterations: 100 })
    mkdirSync(this.componentState, { mode: 0o700 })
    const { componentDomain, componentService, secret } = this.prosody
    writeFileSync(
      join(this.dir, 'component.toml'),
      [
        `domain = '${componentDomain}'`,
        `server = '${componentService}'`,
        `secret = '${secret}'`,
        `state = '${this.componentState}'`,
        `list_port = ${await freePort()}`,
        `list_host = '127.0.0.1'`,
      ].join('\n'),
      { mode: 0o600 },
    )
    this.startComponent()
    await wait(1_500)
    for (const name of names) {
      const person = new Person(this, name)
      this.people.push(person)
      await person.open()
    }
    return this
  }

  startComponent(): void {
    this.component = this.start(['component', '--config', join(this.dir, 'component.toml')])
  }

  start(args: string[], env: Record<string, string> = {}): ChildCommand {
    const child = startCommand(args[0] === 'component' ? args : ['--json', ...args], { env })
    this.#started.push(child)
    return child
  }

  /** A disk of its own, small enough to be filled; where that is not allowed, there is none. */
  mount(folder: string): void {
    const size = `size=${stateMegabytes}m,mode=700`
    const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', size, 'tmpfs', folder], { stdio: 'ignore' })
    if (status === 0) this.#mounts.push(folder)
  }

  hasDisk(folder: string): boolean {
    return this.#mounts.includes(folder)
  }

  /** @param keeps leaves what is in the folders, for who looks for a fault */
  async close(keeps: boolean): Promise<void> {
    await Promise.all(this.people.map((person) => person.close()))
    for (const child of this.#started) child.kill('SIGCONT')
    for (const child of this.#started) child.kill('SIGKILL')
    await Promise.all(this.#started.map(({ ended }) => ended))
    await this.prosody.stop()
    if (keeps) {
      const said = this.#started.map((child) => `${child.process.spawnargs.join(' ')}\n${child.output()}`)
      writeFileSync(join(this.dir, 'output.txt'), said.join('\n\n'), { mode: 0o600 })
      for (const folder of this.#mounts) spawnSync('cp', ['-a', folder, `${folder}-kept`])
    }
    for (const folder of this.#mounts) spawnSync('umount', ['-l', folder])
    if (keeps) return
    spawnSync('chmod', ['-R', 'u+rwX', this.dir])
    chmodSync(this.dir, 0o700)
    rmSync(this.dir, { recursive: true, force: true })
  }
}
