/**
 * A private Prosody in a temporary folder, for tests, the demo, `npm start` and the benches.
 *
 * Rules that hold here:
 * - Ports are found free, below the kernel's ephemeral range, so that a restart gets the same ones back.
 * - Nothing is left behind: the process is told to end when its parent ends (however it ends), and the
 *   folder goes at `stop()`, at the exit of this process, or, after a `kill -9` of it, at the next start.
 * - Readiness is read from Prosody's own log, because a port that is taken is only a line there.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { freePort } from './free-port.js'
import { storedAccount, storedName, storedRoster } from './prosody-account.js'
import { findProgram, tiedToUs } from './tied-process.js'

export interface ProsodyOptions {
  /** Debian's limits (10 kB/s for a client, burst 2 s). Off unless asked for: tests want speed. */
  rateLimits?: boolean
  /** Names of further components, with the same secret, e.g. an echo to compare with. */
  components?: string[]
  /** Names of proxies for bytestreams (XEP-0065), all at one port that is free. */
  proxies?: string[]
  /** What is said by XEP-0215 of a TURN server that takes TCP. */
  turn?: { port: number; secret: string }
  /** No way to log in is offered, as where a Prosody cannot read its key: it ends each stream of a client. */
  noLogin?: boolean
  /** Prosody's log level. */
  logLevel?: 'debug' | 'info' | 'warn' | 'error'
  /** Rounds of PBKDF2 for new accounts. Prosody takes 10,000, which costs each login up to half a second of JavaScript. */
  iterations?: number
  /** Accounts to make at once: name → password. */
  users?: Record<string, string>
  /** Told when it ends though nobody here asked for it, and how: a signal's name, or `exit code N`. */
  onEnded?: (how: string) => void
}

export interface PrivateProsody {
  readonly host: '127.0.0.1'
  readonly c2sPort: number
  readonly componentPort: number
  /** Where the proxies take connections, if there are any. */
  readonly proxyPort: number
  readonly domain: 'localhost'
  readonly componentDomain: 'files.localhost'
  readonly secret: string
  /** `xmpp://127.0.0.1:PORT`, for clients. */
  readonly service: string
  /** `xmpp://127.0.0.1:PORT`, for components. */
  readonly componentService: string
  readonly dir: string
  readonly log: string
  /** Process id while it runs. */
  readonly pid: number | undefined
  /** Makes an account (or gives it a new password). @returns its bare JID. */
  addUser(name: string, password: string): string
  /** Makes people contacts of each other, before they log in. */
  befriend(...names: string[]): void
  /** Ends Prosody by SIGTERM and removes its folder. */
  stop(): Promise<void>
  /** `kill -9`; ports and data stay for `restart()`. */
  kill(): Promise<void>
  /** Starts again with the same ports and data, ending the running one (SIGTERM) if there is one. */
  restart(): Promise<void>
}

/** What stands in the way of starting Prosody, with what to do about it. */
export class ProsodyFailed extends Error {
  readonly code: 'prosody-missing' | 'prosody-failed' | 'port-in-use'
  constructor(code: ProsodyFailed['code'], message: string) {
    super(message)
    this.name = 'ProsodyFailed'
    this.code = code
  }
}

/** A process's number means something in its own space only, and several may have the same folder for what is temporary. */
const prefix = `jabberfs-prosody-${spaceOfProcesses()}`
const running = new Set<{ child: ChildProcess | undefined; dir: string }>()
let exitHooked = false

export { freePort }

/** Starts a private Prosody with the host `localhost` and the component `files.localhost`. */
export async function startProsody(options: ProsodyOptions = {}): Promise<PrivateProsody> {
  const prosody = findProgram('prosody')
  if (!prosody) {
    throw new ProsodyFailed(
      'prosody-missing',
      'Prosody is not installed: run `apt-get install prosody lua-sec lua-event lua-unbound`',
    )
  }
  sweepLeftovers()
  const dir = mkdtempSync(join(tmpdir(), `${prefix}${process.pid}-`))
  const own = { child: undefined as ChildProcess | undefined, dir }
  running.add(own)
  hookExit()
  for (const folder of ['certs', 'data']) mkdirSync(join(dir, folder))

  const log = join(dir, 'prosody.log')
  const secret = randomBytes(12).toString('hex')
  const componentDomain = 'files.localhost'
  let ports = { c2s: 0, component: 0, proxy: 0 }

  const launch = async (): Promise<'up' | 'port-taken'> => {
    rmSync(log, { force: true })
    const out = openSync(join(dir, 'output.log'), 'a', 0o600)
    const [command, args] = tiedToUs(prosody, ['-F', '--config', configFile()])
    const child = spawn(command, args, {
      cwd: dir,
      stdio: ['ignore', out, out],
      env: {
        ...process.env,
        JABBERFS_PROSODY_DIR: dir,
        JABBERFS_PROSODY_C2S_PORT: String(ports.c2s),
        JABBERFS_PROSODY_COMPONENT_PORT: String(ports.component),
        JABBERFS_PROSODY_SECRET: secret,
        JABBERFS_PROSODY_COMPONENTS: [componentDomain, ...(options.components ?? [])].join(' '),
        JABBERFS_PROSODY_PROXIES: (options.proxies ?? []).join(' '),
        JABBERFS_PROSODY_PROXY_PORT: String(ports.proxy),
        JABBERFS_PROSODY_TURN:
          options.turn === undefined ? '' : `${options.turn.port} ${options.turn.secret}`,
        JABBERFS_PROSODY_RATE_LIMITS: options.rateLimits ? '1' : '0',
        JABBERFS_PROSODY_NO_LOGIN: options.noLogin ? '1' : '0',
        // Readiness is read from lines at the level info.
        JABBERFS_PROSODY_LOG_LEVEL: options.logLevel === 'debug' ? 'debug' : 'info',
      },
    })
    closeSync(out)
    own.child = child
    const ended = new Promise<void>((resolve) => {
      child.once('exit', () => resolve())
      child.once('error', () => resolve())
    })
    const outcome = await readiness(
      log,
      child,
      (options.proxies ?? []).length > 0 ? ports : { ...ports, proxy: undefined },
    )
    if (outcome === 'up') {
      const told = () => {
        if (own.child === child) options.onEnded?.(child.signalCode ?? `exit code ${child.exitCode}`)
      }
      if (child.exitCode !== null || child.signalCode !== null) told()
      else child.once('exit', told)
      return 'up'
    }
    child.kill('SIGKILL')
    await ended
    own.child = undefined
    if (outcome === 'port-taken') return 'port-taken'
    throw new ProsodyFailed(
      'prosody-failed',
      `Prosody did not start: ${lastLines(log, join(dir, 'output.log'))}`,
    )
  }

  const endWith = async (signal: NodeJS.Signals) => {
    const child = own.child
    own.child = undefined
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
    child.kill(signal)
    const impatience = setTimeout(() => child.kill('SIGKILL'), 5_000)
    await ended
    clearTimeout(impatience)
  }

  const addUser = (name: string, password: string) => {
    const folder = join(dir, 'data', 'localhost', 'accounts')
    mkdirSync(folder, { recursive: true })
    writeFileSync(
      join(folder, `${storedName(name)}.dat`),
      storedAccount(password, options.iterations ?? 1_000),
    )
    return `${name}@localhost`
  }

  const befriend = (...names: string[]) => {
    const folder = join(dir, 'data', 'localhost', 'roster')
    mkdirSync(folder, { recursive: true })
    for (const name of names) {
      const others = names.filter((other) => other !== name).map((other) => `${other}@localhost`)
      writeFileSync(join(folder, `${storedName(name)}.dat`), storedRoster(others))
    }
  }

  const giveUp = () => {
    running.delete(own)
    rmSync(dir, { recursive: true, force: true, maxRetries: 3 })
  }

  try {
    for (let tries = 1; ; tries++) {
      ports = { c2s: await freePort(), component: await freePort(), proxy: await freePort() }
      if (new Set(Object.values(ports)).size === 3 && (await launch()) === 'up') break
      if (tries === 20)
        throw new ProsodyFailed('port-in-use', 'no free ports were found for Prosody in 20 tries')
    }
  } catch (error) {
    giveUp()
    throw error
  }
  for (const [name, password] of Object.entries(options.users ?? {})) addUser(name, password)

  return {
    host: '127.0.0.1',
    domain: 'localhost',
    componentDomain,
    c2sPort: ports.c2s,
    componentPort: ports.component,
    proxyPort: ports.proxy,
    service: `xmpp://127.0.0.1:${ports.c2s}`,
    componentService: `xmpp://127.0.0.1:${ports.component}`,
    secret,
    dir,
    log,
    get pid() {
      return own.child?.pid
    },
    addUser,
    befriend,
    kill: () => endWith('SIGKILL'),
    async stop() {
      await endWith('SIGTERM')
      giveUp()
    },
    async restart() {
      await endWith('SIGTERM')
      // The port of a process that has just been killed may be held for an instant by its last sockets.
      for (let tries = 1; (await launch()) !== 'up'; tries++) {
        if (tries === 50)
          throw new ProsodyFailed(
            'port-in-use',
            `port ${ports.c2s} or ${ports.component} was taken meanwhile`,
          )
        await wait(100)
      }
    },
  }
}

/** A start takes a tenth of a second; a machine that is busy or has just been switched on may take very much longer. */
const patienceMs = 60_000

/** Waits for Prosody's own word on each port; gives up when it ends, or in the end. */
async function readiness(
  log: string,
  child: ChildProcess,
  ports: { c2s: number; component: number; proxy: number | undefined },
): Promise<'up' | 'port-taken' | 'failed'> {
  let broken = false
  child.once('error', () => {
    broken = true
  })
  const deadline = Date.now() + patienceMs
  while (Date.now() < deadline) {
    const text = existsSync(log) ? readFileSync(log, 'utf8') : ''
    if (/Failed to open server port/.test(text)) return 'port-taken'
    const up = (service: string, port: number) =>
      new RegExp(`Activated service '${service}' on .*\\[127\\.0\\.0\\.1\\]:${port}\\b`).test(text)
    const hasProxy = ports.proxy === undefined || up('proxy65', ports.proxy)
    if (up('c2s', ports.c2s) && up('component', ports.component) && hasProxy) return 'up'
    if (broken || child.exitCode !== null || child.signalCode !== null) return 'failed'
    await wait(10)
  }
  return 'failed'
}

function hookExit(): void {
  if (exitHooked) return
  exitHooked = true
  process.on('exit', () => {
    for (const { child, dir } of running) {
      child?.kill('SIGKILL')
      rmSync(dir, { recursive: true, force: true, maxRetries: 3 })
    }
  })
}

/** Removes the folders of processes that were killed before they could do it themselves. */
function sweepLeftovers(): void {
  for (const name of readdirSync(tmpdir())) {
    const pid = new RegExp(`^${prefix}(\\d+)-`).exec(name)?.[1]
    if (pid === undefined || isAlive(Number(pid))) continue
    try {
      rmSync(join(tmpdir(), name), { recursive: true, force: true })
    } catch {
      // Another user's: not ours to remove.
    }
  }
}

/** Which space the numbers of processes are from here (pid_namespaces(7)); empty where there is only one. */
function spaceOfProcesses(): string {
  try {
    return `p${/\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0]}-`
  } catch {
    return ''
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    // A zombie that nobody waits for has ended too.
    const status = `/proc/${pid}/status`
    return !(existsSync(status) && /^State:\s+Z/m.test(readFileSync(status, 'utf8')))
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

function lastLines(...files: string[]): string {
  const text = files.map((file) => (existsSync(file) ? readFileSync(file, 'utf8') : '')).join('\n')
  return text.trim().split('\n').slice(-4).join(' | ') || 'it said nothing'
}

/** The configuration lies at the top of the package, two folders up from the compiled script, one from the source. */
function configFile(): string {
  let folder = dirname(fileURLToPath(import.meta.url))
  while (!existsSync(join(folder, 'prosody-test.cfg.lua'))) {
    const up = dirname(folder)
    if (up === folder) throw new ProsodyFailed('prosody-failed', 'prosody-test.cfg.lua was not found')
    folder = up
  }
  return join(folder, 'prosody-test.cfg.lua')
}
