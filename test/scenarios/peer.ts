/** A peer in a process of its own, in the hands of a test. */

import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { FileTransferOptions } from '../../client-plugin/index.js'
import type { Ended, Login, Manners, News, NewsName, Order, Orders } from './words.js'

const program = fileURLToPath(new URL('./peer-program.js', import.meta.url))

export interface PeerPlan {
  login: Login
  /** Where its folders are made. */
  dir: string
  component: string
  /** ms for every long read from the disk. */
  slowReadMs?: number
  /** What it sends is not what it shares. */
  lies?: boolean
  /** The words before its command: into a network of its own. */
  within?: [program: string, args: string[]]
}

/** What a program refused, by its code. */
export class PeerError extends Error {
  constructor(
    readonly code: string | undefined,
    message: string,
  ) {
    super(message)
  }
}

export class Peer {
  #child: ChildProcess | undefined
  #calls = new Map<number, { resolve: (gives: never) => void; reject: (error: Error) => void }>()
  #n = 0
  readonly #heard: { name: NewsName; what: never }[] = []
  readonly #listeners = new Set<() => void>()
  #state: string
  #options: Partial<FileTransferOptions> = {}
  #manners: Manners = {}
  device = ''

  constructor(readonly plan: PeerPlan) {
    this.#state = this.#folder('state')
  }

  get jid(): string {
    return this.plan.login.jid.split('/')[0]!
  }

  /** Where its plugin keeps its state. */
  get state(): string {
    return this.#state
  }

  /** A new folder of this peer. */
  folder(): string {
    return this.#folder('files')
  }

  /** Starts the program and logs in to the server. */
  async start(): Promise<void> {
    const { slowReadMs = 0, lies = false, within } = this.plan
    const node = ['--enable-source-maps']
    const child = fork(program, {
      env: {
        ...process.env,
        JABBERFS_TEST_SLOW_READ_MS: String(slowReadMs),
        JABBERFS_TEST_LIES: lies ? '1' : '0',
      },
      ...(within !== undefined && { execPath: within[0] }),
      execArgv: within === undefined ? node : [...within[1], process.execPath, ...node],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    })
    this.#child = child
    child.on('message', (message: Message) => this.#hear(message))
    child.on('exit', () => {
      for (const { reject } of this.#calls.values()) reject(new PeerError('gone', 'the program has ended'))
      this.#calls.clear()
    })
    await this.order('login', this.plan.login)
  }

  /** Begins a plugin with a new state folder: what was heard before is forgotten. */
  async begin(options: Partial<FileTransferOptions> = {}, manners: Manners = {}): Promise<void> {
    this.#state = this.#folder('state')
    await this.beginAgain(options, manners)
  }

  /** Begins a plugin with the same state folder. */
  async beginAgain(options = this.#options, manners = this.#manners): Promise<void> {
    this.#options = options
    this.#manners = manners
    this.#heard.length = 0
    const { component } = this.plan
    const all = {
      component,
      state: this.#state,
      allowLoopback: true,
      // The people of these scenarios have no contacts but where that is what is tried.
      offersFrom: 'everybody' as const,
      listen: { host: '127.0.0.1' },
      ...options,
    }
    const { device } = await this.order('begin', { options: all, manners })
    this.device = device
  }

  /** Whether it ended by itself: when it does, or when `otherwise` settles first. */
  async endsBefore(otherwise: Promise<unknown>): Promise<boolean> {
    const child = this.#child!
    const ended = once(child, 'exit').then(() => true)
    const isEnded = await Promise.race([
      ended,
      otherwise.then(
        () => false,
        () => ended,
      ),
    ])
    if (isEnded) this.#child = undefined
    return isEnded
  }

  /** Ends the process at once, as the kernel would. */
  async kill(): Promise<void> {
    const child = this.#child!
    this.#child = undefined
    child.kill('SIGKILL')
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  }

  /** Starts the program again after a kill, with the same state, and takes up what is unfinished. */
  async revive(): Promise<void> {
    await this.start()
    await this.beginAgain()
    await this.order('resume', {})
  }

  async stop(): Promise<void> {
    if (this.#child === undefined) return
    await this.order('stop', null).catch(() => undefined)
    const child = this.#child
    child.disconnect()
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  }

  order<O extends Order>(order: O, words: Orders[O]['with']): Promise<Orders[O]['gives']> {
    return new Promise((resolve, reject) => {
      if (this.#child === undefined) throw new PeerError('gone', 'the program does not run')
      const n = ++this.#n
      this.#calls.set(n, { resolve, reject })
      this.#child.send({ n, order, words })
    })
  }

  finished(key: string): Promise<Ended> {
    return this.order('finished', { key })
  }

  /** Forgets what was heard. */
  forget(): void {
    this.#heard.length = 0
  }

  /** What was heard, oldest first. */
  heard<N extends NewsName>(name: N): News[N][] {
    return this.#heard.filter((one) => one.name === name).map(({ what }) => what)
  }

  /** Waits until something was heard (also before) that fits. */
  async hear<N extends NewsName>(name: N, fits: (what: News[N]) => boolean = () => true): Promise<News[N]> {
    for (;;) {
      const found = this.heard(name).find(fits)
      if (found !== undefined) return found
      await new Promise<void>((resolve) => {
        const listener = () => {
          this.#listeners.delete(listener)
          resolve()
        }
        this.#listeners.add(listener)
      })
    }
  }

  /** Waits until some, but not all, of a file is there as this side sees it. */
  async inTheMiddle(): Promise<News['progress']> {
    return this.hear('progress', ({ progress: { bytes, total } }) => bytes > 0 && bytes < total)
  }

  #hear(message: Message): void {
    if ('news' in message) {
      this.#heard.push({ name: message.news, what: message.what })
      for (const listener of [...this.#listeners]) listener()
      return
    }
    const call = this.#calls.get(message.n)
    this.#calls.delete(message.n)
    if (message.error) call?.reject(new PeerError(message.error.code, message.error.message))
    else call?.resolve(message.gives)
  }

  #folder(name: string): string {
    return mkdtempSync(join(this.plan.dir, `${this.jid.split('@')[0]}-${name}-`))
  }
}

type Message =
  | { news: NewsName; what: never }
  | { n: number; gives: never; error?: { code: string | undefined; message: string } }
