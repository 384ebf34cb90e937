/** The independent client in Python as a child: one question at a time, one answer each. */

import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Playground } from '../../scripts/playground.js'
import { tiedToUs } from '../../scripts/tied-process.js'

const program = fileURLToPath(new URL('../../../test/clients/independent/client.py', import.meta.url))

// biome-ignore lint/suspicious/noExplicitAny: whatever the other side writes
type Any = any

export class IndependentClient {
  #errors = ''
  readonly #answers: AsyncIterator<string>

  private constructor(readonly process: ChildProcess) {
    process.stderr!.on('data', (text: Buffer) => {
      this.#errors += text.toString()
    })
    this.#answers = createInterface({ input: process.stdout! })[Symbol.asyncIterator]()
  }

  /** Logs in as mephisto, as a new device whose key goes into this folder. */
  static async start({ prosody, mephisto }: Playground, folder: string): Promise<IndependentClient> {
    const child = spawn(...tiedToUs('/usr/bin/python3', ['-B', program], 'KILL'), {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: {
        PATH: '/usr/bin:/bin',
        XMPP_JID: mephisto.jid,
        XMPP_PASSWORD: mephisto.password,
        XMPP_PORT: String(prosody.c2sPort),
        XMPP_COMPONENT: prosody.componentDomain,
        XMPP_FOLDER: folder,
      },
    })
    const client = new IndependentClient(child)
    await client.#next()
    return client
  }

  /** Has it do something; gives what came of it. @throws Error with what went wrong there */
  async ask(what: string, more: object = {}): Promise<Any> {
    this.process.stdin!.write(`${JSON.stringify({ do: what, ...more })}\n`)
    return this.#next()
  }

  stop(): void {
    this.process.stdin!.end()
  }

  async #next(): Promise<Any> {
    const { value, done } = await this.#answers.next()
    if (done) throw new Error(`the client ended: ${this.#errors}`)
    const { ok, error } = JSON.parse(value)
    if (error !== undefined) throw new Error(error)
    return ok
  }
}
