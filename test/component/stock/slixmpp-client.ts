/** The stock client in Python as a child: one question at a time, one answer each. */

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface, type Interface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { tiedToUs } from '../../../scripts/tied-process.js'
import type { Stage } from '../stage.js'

const program = fileURLToPath(new URL('../../../../test/component/stock/slixmpp-client.py', import.meta.url))

// biome-ignore lint/suspicious/noExplicitAny: whatever the other side writes
type Any = any

export class SlixmppClient {
  #errors = ''
  readonly #answers: AsyncIterator<string>
  readonly #lines: Interface

  private constructor(readonly process: ChildProcess) {
    process.stderr!.on('data', (text: Buffer) => {
      this.#errors += text.toString()
    })
    this.#lines = createInterface({ input: process.stdout! })
    this.#answers = this.#lines[Symbol.asyncIterator]()
  }

  /** Logs in as this account, which is made if it is not there. */
  static async at(stage: Stage, name: string): Promise<SlixmppClient> {
    const { prosody } = stage
    const jid = prosody.addUser(name, 'password')
    // Debian's own Python is the one that has Debian's slixmpp.
    const child = spawn(...tiedToUs('/usr/bin/python3', [program], 'KILL'), {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: {
        PATH: '/usr/bin:/bin',
        STOCK_JID: `${jid}/stock`,
        STOCK_PASSWORD: 'password',
        STOCK_PORT: String(prosody.c2sPort),
        STOCK_COMPONENT: stage.domain,
      },
    })
    const client = new SlixmppClient(child)
    await client.#next()
    return client
  }

  /** Asks; gives what was answered. @throws Error with the condition, where that was an error */
  async ask(what: string, more: object = {}): Promise<Any> {
    this.process.stdin!.write(`${JSON.stringify({ do: what, ...more })}\n`)
    const { ok, error, type } = await this.#next()
    if (error !== undefined) throw new Error(type === undefined ? error : `${error}/${type}`)
    return ok
  }

  /** How something is refused. */
  async refused(what: string, more: object = {}): Promise<string> {
    return this.ask(what, more).then(
      () => 'result',
      (error: unknown) => (error as Error).message,
    )
  }

  async close(): Promise<void> {
    if (this.process.exitCode === null) {
      const ended = once(this.process, 'exit')
      this.process.stdin!.end()
      const patience = setTimeout(() => this.process.kill('SIGKILL'), 5_000)
      await ended
      clearTimeout(patience)
    }
    this.#lines.close()
  }

  async #next(): Promise<Any> {
    const { value, done } = await this.#answers.next()
    if (done) throw new Error(`the stock client ended: ${this.#errors}`)
    return JSON.parse(value)
  }
}
