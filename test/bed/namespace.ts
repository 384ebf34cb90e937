/**
 * A network of one's own: a Linux network namespace that lives as long as a process of ours.
 *
 * Rules: namespaces have no names and no files, so that nothing can stay behind: a namespace is held by a sleeping child,
 * which the kernel ends with us, however we end, and with its last process the namespace goes, with all that was in it.
 * Whatever runs in one is tied to us in the same way. Nothing is ever set up in the namespace we are started in.
 */
import { type ChildProcess, type SpawnOptions, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, readlinkSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { tiedToUs } from '../../scripts/tied-process.js'

export class Namespace {
  readonly #holder: ChildProcess
  readonly #children = new Set<ChildProcess>()

  private constructor(
    /** For people who read an error. */
    readonly name: string,
    holder: ChildProcess,
  ) {
    this.#holder = holder
  }

  /** Makes one, with nothing in it but a loopback that is up. @throws Error where the kernel does not let us */
  static async make(name: string): Promise<Namespace> {
    const holder = spawn(...tiedToUs('unshare', ['--net', 'sleep', 'infinity'], 'KILL'), { stdio: 'ignore' })
    const made = new Namespace(name, holder)
    const ours = readlinkSync('/proc/self/ns/net')
    for (;;) {
      if (holder.exitCode !== null || holder.signalCode !== null)
        throw new Error(`no network namespace: ${name}`)
      if (holder.pid !== undefined && netOf(holder.pid) !== ours) break
      await wait(2)
    }
    made.ip(['link set lo up'])
    return made
  }

  /** The process that holds it: where `ip` wants the id of a namespace, this does. */
  get pid(): number {
    return this.#holder.pid!
  }

  /** The words before a command that is to run in here: `nsenter --net=…`. */
  get entrance(): [program: string, args: string[]] {
    return ['nsenter', [`--net=/proc/${this.pid}/ns/net`]]
  }

  /** Runs a command to its end. @returns what it printed; @throws Error with what it complained of */
  run(program: string, args: string[], input?: string): string {
    const [enter, before] = this.entrance
    const given = input === undefined ? {} : { input }
    const { status, stdout, stderr, error } = spawnSync(enter, [...before, program, ...args], {
      encoding: 'utf8',
      ...given,
    })
    if (error !== undefined || status !== 0) {
      throw new Error(`${this.name}: ${program} ${args.join(' ')}: ${error?.message ?? stderr}${input ?? ''}`)
    }
    return stdout
  }

  /** Lines for `ip`, by default of the family that their addresses have. */
  ip(lines: string[], family?: 6): void {
    this.run('ip', [...(family === 6 ? ['-6'] : []), '-batch', '-'], `${lines.join('\n')}\n`)
  }

  /** Rules for nftables. */
  nft(rules: string): void {
    this.run('nft', ['-f', '-'], rules)
  }

  /** Kernel settings of this network: `net.ipv4.ip_forward=1`. */
  sysctl(...settings: string[]): void {
    this.run('sysctl', ['-q', '-w', ...settings])
  }

  /** Resolves when somebody in here listens on a port (TCP over IPv4). @throws Error when nobody does in a minute */
  async listened(port: number): Promise<void> {
    const listening = new RegExp(`:${port.toString(16).toUpperCase().padStart(4, '0')} [0-9A-F]+:0000 0A `)
    const deadline = Date.now() + 60_000
    while (!listening.test(readFileSync(`/proc/${this.pid}/net/tcp`, 'utf8'))) {
      if (Date.now() > deadline) throw new Error(`${this.name}: nobody listens on port ${port}`)
      await wait(20)
    }
  }

  /** Starts a program in here; it ends with us, and at `close()`. */
  start(program: string, args: string[], options: SpawnOptions = {}): ChildProcess {
    const [enter, before] = this.entrance
    const child = spawn(...tiedToUs(enter, [...before, program, ...args]), options)
    this.#children.add(child)
    child.once('exit', () => this.#children.delete(child))
    return child
  }

  /** Ends what runs in here, then the namespace. */
  async close(): Promise<void> {
    await Promise.all([...this.#children].map((child) => ended(child, 'SIGTERM')))
    await ended(this.#holder, 'SIGKILL')
  }
}

/** Ends a child: by the signal, after 5 s by force. */
export async function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exit = once(child, 'exit')
  child.kill(signal)
  const impatience = setTimeout(() => child.kill('SIGKILL'), 5_000)
  await exit
  clearTimeout(impatience)
}

function netOf(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/net`)
  } catch {
    return undefined
  }
}
