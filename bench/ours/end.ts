/**
 * One end of a transfer of ours, as a process of its own that the bench forks: what it is told, what it says,
 * and what it notes of itself. Times are UTC in ms with fractions, so that two processes can be compared.
 */

import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { ownPeakMemoryMiB } from '../measured-process.js'

/** What an end used from its `begin` to its `end`. */
export interface EndUsed {
  cpuSeconds: number
  /** From the start of the process, with everything it has loaded. */
  wholeCpuSeconds: number
  peakMemoryMiB: number
}

/** The time now, comparable between processes of one machine. */
export function timeNow(): number {
  return performance.timeOrigin + performance.now()
}

/** Notes the CPU of this process between two moments. */
export class EndClock {
  #begin = process.cpuUsage()

  begin(): void {
    this.#begin = process.cpuUsage()
  }

  async used(): Promise<EndUsed> {
    const since = process.cpuUsage(this.#begin)
    const whole = process.cpuUsage()
    return {
      cpuSeconds: (since.user + since.system) / 1e6,
      wholeCpuSeconds: (whole.user + whole.system) / 1e6,
      peakMemoryMiB: await ownPeakMemoryMiB(),
    }
  }
}

/** Forks `script` of this folder; Node's options for it come from `BENCH_NODE_OPTIONS_<ROLE>` (a profile, say). */
export class End {
  readonly child: ChildProcess
  readonly #waiting = new Map<string, { resolve: (value: unknown) => void; reject: (error: Error) => void }>()
  readonly #said = new Map<string, unknown>()
  #failed: Error | undefined

  constructor(script: string, role: 'sending' | 'receiving', env: Record<string, string>) {
    const path = fileURLToPath(new URL(`./${script}.js`, import.meta.url))
    const extra = process.env[`BENCH_NODE_OPTIONS_${role.toUpperCase()}`]
    this.child = fork(path, [role], {
      env: { ...process.env, ...env },
      execArgv: extra === undefined ? [] : extra.split(' '),
      stdio: ['ignore', 2, 2, 'ipc'],
    })
    this.child.on('message', ({ is, value }: { is: string; value: unknown }) => {
      this.#said.set(is, value)
      this.#waiting.get(is)?.resolve(value)
    })
    this.child.on('exit', (code) => {
      this.#failed = new Error(`the ${role} end ended with ${code}`)
      for (const { reject } of this.#waiting.values()) reject(this.#failed)
    })
  }

  /** What the end says of `is`, now or later. */
  hears<T>(is: string): Promise<T> {
    if (this.#said.has(is)) return Promise.resolve(this.#said.get(is) as T)
    if (this.#failed) return Promise.reject(this.#failed)
    return new Promise((resolve, reject) => {
      this.#waiting.set(is, { resolve: resolve as (value: unknown) => void, reject })
    })
  }

  tell(is: string, value?: unknown): void {
    this.child.send({ is, value })
  }

  /** Lets it go, and waits until it is gone. */
  async release(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return
    const gone = new Promise((resolve) => this.child.once('exit', resolve))
    if (this.child.connected) this.child.disconnect()
    await gone
  }
}

/** In the end itself: says something to the bench. */
export function say(is: string, value: unknown): void {
  process.send!({ is, value })
}

/** In the end itself: waits for what the bench tells. Register in time: what is told is told once. */
export function told<T>(is: string): Promise<T> {
  return new Promise((resolve) => {
    const hear = (message: { is: string; value: T }) => {
      if (message.is !== is) return
      process.off('message', hear)
      resolve(message.value)
    }
    process.on('message', hear)
  })
}
