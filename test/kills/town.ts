/**
 * Where the kills happen: a private Prosody, the component as a process of its own, and two people who use the real
 * command. Everything can be killed with -9 and started again; a file is held back on its way, so that there is a middle.
 */

import { randomBytes } from 'node:crypto'
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { writeAccountFile } from '../../cli/account.js'
import { createClientEntity } from '../../client-plugin/index.js'
import { xml } from '../../schemas/index.js'
import { type ChildCommand, startCommand } from '../../scripts/child-command.js'
import { freePort } from '../../scripts/free-port.js'
import { type PrivateProsody, startProsody } from '../../scripts/private-prosody.js'
import { request } from '../../wire/index.js'

export interface Town {
  readonly prosody: PrivateProsody
  readonly component: ChildCommand
  readonly faust: string
  readonly mephisto: string
  readonly into: string
  /** Where mephisto's other device puts what it receives. */
  readonly intoPhone: string
  /** Where the device of `asMephisto` keeps its state, and the component its own. */
  readonly states: { mephisto: string; component: string }
  asFaust(...args: string[]): ChildCommand
  asMephisto(...args: string[]): ChildCommand
  /** On another device of his. */
  asPhone(...args: string[]): ChildCommand
  killComponent(): Promise<void>
  startComponent(): void
  /** Ends the component in order, and looks into its database: how many transfers are in which phase. @throws if it is not sound */
  componentsRecord(): Promise<Record<string, number>>
  /** Resolves when a newcomer gets an answer from the component; rejects after `withinMs`. */
  isServed(withinMs: number): Promise<void>
  /** What the test does, between the stanzas that are told. */
  note(words: string): void
  /** Keeps what is told so far, where the town is gone. @returns the folder; nothing where nothing is told */
  keepTold(): string | undefined
  stop(): Promise<void>
}

/**
 * Starts it all.
 * @param tellsAll for who looks for a fault: every command writes its stanzas to a file, and the component what it thinks
 */
export async function openTown(tellsAll = false): Promise<Town> {
  const prosody = await startProsody()
  const { dir } = prosody
  const stanzas = join(dir, 'stanzas.txt')
  const tracer = new URL('./told-stanzas.js', import.meta.url).href
  const telling: Record<string, string> = tellsAll
    ? { NODE_OPTIONS: `--import=${tracer}`, JABBERFS_STANZAS: stanzas }
    : {}
  const folder = (name: string) => {
    mkdirSync(join(dir, name), { mode: 0o700 })
    return join(dir, name)
  }
  const componentState = folder('component')
  const config = join(dir, 'component.toml')
  writeFileSync(
    config,
    [
      `domain = '${prosody.componentDomain}'`,
      `server = '${prosody.componentService}'`,
      `secret = '${prosody.secret}'`,
      `state = '${componentState}'`,
      `list_port = ${await freePort()}`,
      `list_host = '127.0.0.1'`,
      `log_level = '${tellsAll ? 'debug' : 'info'}'`,
    ].join('\n'),
    { mode: 0o600 },
  )
  const person = (name: string) => {
    const password = randomBytes(9).toString('base64url')
    const jid = prosody.addUser(name, password)
    return { jid, password, ...device(name, jid, password) }
  }
  const device = (name: string, jid: string, password: string) => {
    const config = join(dir, `${name}.toml`)
    const { service, componentDomain: component } = prosody
    const state = folder(`${name}-state`)
    writeAccountFile(config, { jid, password, service, component, state })
    return { state, env: { JABBERFS_CONFIG: config, JABBERFS_TRUST: 'every' } }
  }
  const people = { faust: person('faust'), mephisto: person('mephisto'), wagner: person('wagner') }
  const { jid, password } = people.mephisto
  const phone = device('phone', jid, password)
  const started: ChildCommand[] = []
  const start = (args: string[], env: Record<string, string> = {}) => {
    const child = startCommand(args, { env: { ...env, ...telling } })
    started.push(child)
    town.note(`${child.process.pid} is ${args.join(' ')}`)
    return child
  }
  let component: ChildCommand

  const ping = async () => {
    const entity = createClientEntity({
      jid: `${people.wagner.jid}/${randomBytes(4).toString('hex')}`,
      password: people.wagner.password,
      service: prosody.service,
    })
    entity.on('error', () => undefined)
    try {
      await entity.start()
      const payload = xml('ping', { xmlns: 'urn:xmpp:ping' })
      await request(entity, { to: prosody.componentDomain, type: 'get', payload, timeoutMs: 2_000 })
    } finally {
      await entity.stop().catch(() => undefined)
    }
  }

  const town: Town = {
    prosody,
    get component() {
      return component
    },
    faust: people.faust.jid,
    mephisto: people.mephisto.jid,
    into: folder('received'),
    intoPhone: folder('received-phone'),
    states: { mephisto: people.mephisto.state, component: componentState },
    asFaust: (...args) => start(['--json', ...args], people.faust.env),
    asMephisto: (...args) => start(['--json', ...args], people.mephisto.env),
    asPhone: (...args) => start(['--json', ...args], phone.env),
    async killComponent() {
      town.note(`${component.process.pid} is killed, the component`)
      component.kill('SIGKILL')
      await component.ended
    },
    startComponent() {
      component = start(['component', '--config', config])
    },
    async componentsRecord() {
      component.kill('SIGTERM')
      await component.ended
      const store = new Database(join(componentState, 'component.sqlite'), { readonly: true })
      try {
        const verdict = store.pragma('integrity_check', { simple: true })
        if (verdict !== 'ok') throw new Error(`integrity_check: ${verdict}`)
        const rows = store.prepare('select phase, count(*) as count from transfer group by phase').all()
        return Object.fromEntries(
          (rows as { phase: string; count: number }[]).map(({ phase, count }) => [phase, count]),
        )
      } finally {
        store.close()
      }
    },
    async isServed(withinMs) {
      const deadline = Date.now() + withinMs
      for (;;) {
        try {
          return await ping()
        } catch (cause) {
          if (Date.now() > deadline) throw new Error(`no service after ${withinMs} ms`, { cause })
          await wait(100)
        }
      }
    },
    note(words) {
      if (tellsAll) appendFileSync(stanzas, `${new Date().toISOString()} – ${words}\n`)
    },
    keepTold() {
      if (!existsSync(stanzas)) return undefined
      const kept = mkdtempSync(join(tmpdir(), 'jabberfs-kills-'))
      cpSync(stanzas, join(kept, 'stanzas.txt'))
      const said = started.map((child) => `${child.process.pid}:\n${child.output()}`)
      writeFileSync(join(kept, 'output.txt'), said.join('\n'), { mode: 0o600 })
      return kept
    },
    async stop() {
      for (const child of started) child.kill('SIGKILL')
      await Promise.all(started.map(({ ended }) => ended))
      await prosody.stop()
    },
  }
  component = start(['component', '--config', config])
  try {
    await town.isServed(120_000)
  } catch (error) {
    const said = component.output()
    await town.stop()
    throw new Error(`the component is not served: ${said}`, { cause: error })
  }
  return town
}

/** Holds a process back: it runs a part of the time only. */
export interface Brake {
  /** It rests so long between its turns of 5 ms. */
  restMs: number
  release(): void
}

/** Lets a process run a part of the time, until it is released or gone. */
export function holdBack(child: ChildCommand): Brake {
  let rests = false
  let timer: NodeJS.Timeout
  const brake: Brake = {
    restMs: 25,
    release() {
      clearTimeout(timer)
      child.kill('SIGCONT')
    },
  }
  const turn = () => {
    rests = !rests
    child.kill(rests ? 'SIGSTOP' : 'SIGCONT')
    timer = setTimeout(turn, rests ? brake.restMs : 5)
  }
  turn()
  void child.ended.then(() => clearTimeout(timer))
  return brake
}

/** Bytes that a process has written so far to files and sockets, by the kernel's count; 0 when it is gone. */
export function bytesWrittenBy(child: ChildCommand): number {
  try {
    const text = readFileSync(`/proc/${child.process.pid}/io`, 'utf8')
    return Number(/^wchar: (\d+)$/m.exec(text)?.[1] ?? 0)
  } catch {
    return 0
  }
}
