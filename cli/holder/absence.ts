/**
 * Whether this process, which was connected once, is at the component, and why not where it is not. That is said once for each time that it
 * goes, since it is tried again by itself; that the server takes the password no more is said as well: no waiting mends it.
 */
import type { FileTransfer, XmppEntity } from '../../client-plugin/index.js'
import type { Account } from '../account.js'
import { troubleOf } from '../failure.js'
import type { Report, Trouble } from '../words.js'
import { connectionTrouble } from './connection-trouble.js'

/** What it takes of them. */
interface Watched {
  entity: Pick<XmppEntity, 'on' | 'status'>
  files: Pick<FileTransfer, 'on' | 'isReady'>
}

export class Absence {
  #trouble: Trouble | undefined
  #said = new Set<Trouble['code']>()
  #isOver = false

  constructor(
    { entity, files }: Watched,
    readonly account: Pick<Account, 'jid' | 'service'>,
    readonly report: (report: Report) => void,
  ) {
    files.on('away', (why) => this.#lacks(troubleOf(why)))
    entity.on('error', (error) => {
      // One that is online hears of it by the loss of its connection.
      if (entity.status !== 'online' && !files.isReady) this.#lacks(this.#serverTrouble(error))
    })
    files.on('ready', () => {
      if (this.#said.size > 0) report({ report: 'back' })
      this.#said.clear()
      this.#trouble = undefined
    })
  }

  /** Undefined while it is there. */
  get trouble(): Trouble | undefined {
    return this.#trouble
  }

  /** It leaves the server by itself. */
  end(): void {
    this.#isOver = true
  }

  #lacks(trouble: Trouble): void {
    if (this.#isOver) return
    // Why there is no connection says more than that there is none.
    if (trouble.code === 'component-away' && this.#trouble !== undefined) return
    this.#trouble = trouble
    const { code } = trouble
    if (this.#said.size > 0 && (code !== 'wrong-password' || this.#said.has(code))) return
    this.#said.add(code)
    this.report({ report: 'away', ...trouble })
  }

  /** A process that runs has the old password, whatever is written into the file. */
  #serverTrouble(error: unknown): Trouble {
    const { trouble } = connectionTrouble(error, this.account)
    if (trouble.code !== 'wrong-password') return trouble
    const todo = `${trouble.todo.replace(/\.$/, '')}, then end the jabberfs that runs, and begin it anew.`
    return { ...trouble, todo }
  }
}
