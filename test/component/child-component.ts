/** Starts the component as a process, tells when it is online, and ends it in whichever way a test wants. */

import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { PrivateProsody } from '../../scripts/private-prosody.js'

const program = fileURLToPath(new URL('./component-process.js', import.meta.url))

export class ChildComponent {
  #child: ChildProcess | undefined
  /** Everything it has written to its log. */
  log = ''

  constructor(
    readonly prosody: PrivateProsody,
    readonly state: string,
    readonly env: Record<string, string> = {},
  ) {}

  /** Its process while it runs. */
  get pid(): number | undefined {
    return this.#child?.pid
  }

  /** The same, for who talks with what he has loaded into it. */
  get child(): ChildProcess | undefined {
    return this.#child
  }

  /** Resolves when it is online. */
  async start(): Promise<void> {
    const child = fork(program, [], {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      env: {
        ...process.env,
        JABBERFS_COMPONENT_DOMAIN: this.prosody.componentDomain,
        JABBERFS_COMPONENT_SERVER: this.prosody.componentService,
        JABBERFS_COMPONENT_SECRET: this.prosody.secret,
        JABBERFS_COMPONENT_STATE: this.state,
        JABBERFS_COMPONENT_LOG_LEVEL: 'info',
        ...this.env,
      },
    })
    this.#child = child
    const write = (text: Buffer) => {
      this.log += text.toString()
    }
    child.stdout!.on('data', write)
    child.stderr!.on('data', write)
    const [word] = await Promise.race([once(child, 'message'), once(child, 'exit')])
    if (word !== 'online') throw new Error(`the component did not start: ${this.log}`)
  }

  /** @returns how it ended: its exit code or the signal */
  async end(signal: NodeJS.Signals): Promise<number | NodeJS.Signals> {
    const child = this.#child
    this.#child = undefined
    if (!child || child.exitCode !== null) return child?.exitCode ?? 0
    const exit = once(child, 'exit')
    child.kill(signal)
    const [code, by] = (await exit) as [number | null, NodeJS.Signals | null]
    return code ?? by!
  }
}
