/** The component's process in the hands of a test. */

import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const program = fileURLToPath(new URL('./component-program.js', import.meta.url))

export interface ComponentPlan {
  domain: string
  server: string
  secret: string
  state: string
}

export class ComponentProcess {
  #child: ChildProcess | undefined

  constructor(readonly plan: ComponentPlan) {}

  /** Starts it; resolves when it is online. */
  async start(): Promise<void> {
    const child = fork(program, { execArgv: ['--enable-source-maps'] })
    this.#child = child
    child.send(this.plan)
    const died = once(child, 'exit').then(([code]) => {
      throw new Error(`the component ended with ${code}`)
    })
    died.catch(() => undefined)
    await Promise.race([once(child, 'message'), died])
  }

  async kill(): Promise<void> {
    const child = this.#child
    this.#child = undefined
    if (child === undefined) return
    child.kill('SIGKILL')
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  }
}
