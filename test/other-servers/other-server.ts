/**
 * What the private servers beside Prosody have in common: a temporary folder, processes that end when we do, free ports.
 *
 * Rules: nothing is left behind: each process is told to end when this one ends, however it ends; the folder goes at
 * `stop()` and at our exit.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { tiedToUs } from '../../scripts/tied-process.js'

/** A server with the host `localhost`, which knows the component `files.localhost`. */
export interface OtherServer {
  /** `xmpp://127.0.0.1:PORT`, for clients. */
  readonly service: string
  /** `xmpp://127.0.0.1:PORT`, for components. */
  readonly componentService: string
  readonly secret: string
  /** What the command needs in its environment to log in here. */
  readonly environment: Record<string, string>
  /** Makes an account. @returns its bare JID */
  addUser(name: string, password: string): Promise<string>
  /** What the server has logged. */
  log(): string
  stop(): Promise<void>
}

/** The folder of one server, and the processes in it. */
export class ServerFolder {
  readonly dir: string
  readonly #children: ChildProcess[] = []
  readonly #atExit = () => {
    for (const child of this.#children) child.kill('SIGKILL')
    rmSync(this.dir, { recursive: true, force: true, maxRetries: 3 })
  }

  constructor(name: string) {
    this.dir = mkdtempSync(join(tmpdir(), `jabberfs-${name}-`))
    process.on('exit', this.#atExit)
  }

  /** Starts a program, its output into the log. */
  run(program: string, args: string[], env: NodeJS.ProcessEnv = process.env): ChildProcess {
    const out = openSync(join(this.dir, 'output.log'), 'a', 0o600)
    const child = spawn(...tiedToUs(program, args), { cwd: this.dir, env, stdio: ['ignore', out, out] })
    closeSync(out)
    this.#children.push(child)
    return child
  }

  log(): string {
    return readFileSync(join(this.dir, 'output.log'), 'utf8')
  }

  /** Waits until the log has it. @throws Error with the end of the log after 60 s, or when a process ends */
  async logged(pattern: RegExp): Promise<void> {
    const deadline = Date.now() + 60_000
    while (!pattern.test(this.log())) {
      const dead = this.#children.some(({ exitCode, signalCode }) => exitCode !== null || signalCode !== null)
      if (dead || Date.now() > deadline) {
        throw new Error(`the server did not start: ${this.log().trim().split('\n').slice(-6).join(' | ')}`)
      }
      await wait(50)
    }
  }

  async stop(): Promise<void> {
    process.off('exit', this.#atExit)
    for (const child of this.#children.reverse()) {
      if (child.exitCode !== null || child.signalCode !== null) continue
      const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
      child.kill('SIGTERM')
      const impatience = setTimeout(() => child.kill('SIGKILL'), 5_000)
      await ended
      clearTimeout(impatience)
    }
    rmSync(this.dir, { recursive: true, force: true, maxRetries: 3 })
  }
}

/** Waits until somebody listens there. @throws Error after 60 s */
export async function listening(port: number): Promise<void> {
  const deadline = Date.now() + 60_000
  for (;;) {
    const isUp = await new Promise<boolean>((resolve) => {
      const socket = connect({ host: '127.0.0.1', port })
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
      socket.once('connect', () => socket.destroy())
    })
    if (isUp) return
    if (Date.now() > deadline) throw new Error(`nobody listens on port ${port}`)
    await wait(50)
  }
}
