/**
 * One injected fault in receiving a file, and what has to hold afterwards whatever it was: final names hold
 * the whole file or what they held before (P1, P2), and the next run finishes it, once (case 93).
 */

import { execFile, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createRandom } from '../random.js'

const program = fileURLToPath(new URL('./receive-once.js', import.meta.url))

/** Whether faults can be injected here. */
export const canInject = spawnSync('strace', ['-f', '-e', 'trace=none', 'true']).status === 0

export interface Told {
  path?: string
  code?: string
  message?: string
  bytesSent: number
  held: number
  /** Descriptors that were open after and not before. */
  leaked: number
}

/** How a run ended: what it said, or the signal. */
export interface Ran {
  told: Told | undefined
  killed: boolean
  /** The calls that were followed. */
  trace: string
}

export class FaultRig {
  readonly folder = mkdtempSync(join(tmpdir(), 'jabberfs-fault-'))
  readonly inbox = join(this.folder, 'inbox')
  readonly content: Buffer
  #runs = 0

  /** Somebody else's file has the name already, so the next one is to be taken. */
  constructor(
    readonly filesize: number,
    readonly blockBytes: number,
  ) {
    this.content = createRandom(11).bytes(filesize)
    writeFileSync(join(this.folder, 'source'), this.content)
    this.clear()
  }

  clear(): void {
    rmSync(this.inbox, { recursive: true, force: true })
    mkdirSync(this.inbox)
    writeFileSync(join(this.inbox, 'f.bin'), 'somebody else’s')
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true })
  }

  /** Runs the program with `inject` (as strace has it, several with spaces), following `trace`. */
  run(inject?: string, trace = 'none', shell?: string): Promise<Ran> {
    const log = join(this.folder, `trace-${++this.#runs}`)
    const own = [process.execPath, program, join(this.folder, 'source'), this.inbox, String(this.blockBytes)]
    const injections = (inject ?? '').split(' ').filter((one) => one !== '')
    const under = injections.length > 0 || trace !== 'none'
    const expressions = [
      `trace=${[trace, ...injections.map((one) => one.split(':')[0])].filter((one) => one !== 'none').join(',') || 'none'}`,
    ]
    for (const one of injections) expressions.push(`inject=${one}`)
    const strace = ['strace', '-f', '-s', '200', '-o', log, ...expressions.flatMap((one) => ['-e', one])]
    const line = [...(under ? strace : []), ...own]
    const [file, ...args] =
      shell === undefined ? line : ['bash', '-c', `${shell}; exec "$@"`, 'bash', ...line]
    return new Promise((resolve) => {
      const env = { ...process.env, UV_THREADPOOL_SIZE: '1' }
      execFile(file!, args, { env }, (error, stdout) => {
        const said = stdout.trim().split('\n').at(-1) ?? ''
        const told = said.startsWith('{') ? (JSON.parse(said) as Told) : undefined
        const killed = (error as { signal?: string } | null)?.signal === 'SIGKILL' || error?.code === 137
        const followed = under ? readFileSync(log, 'utf8') : ''
        rmSync(log, { force: true })
        resolve({ told, killed, trace: followed })
      })
    })
  }

  /** What is wrong in the inbox now; empty when nothing is. */
  get wrong(): string[] {
    const wrong: string[] = []
    for (const name of readdirSync(this.inbox)) {
      const content = readFileSync(join(this.inbox, name))
      if (name === 'f.bin') {
        if (content.toString() !== 'somebody else’s') wrong.push('P2: the other file was changed')
      } else if (name.startsWith('.jabberfs-')) continue
      else if (!/^f \(\d+\)\.bin$/.test(name)) wrong.push(`a strange name: ${name}`)
      else if (!content.equals(this.content) && !isPlaceholder(content))
        wrong.push(`P1: ${name} is not the file`)
    }
    return wrong
  }

  /** Injects a fault into a first run and lets a second one finish. Gives both and all that is wrong. */
  async fault(inject: string): Promise<{ first: Ran; second: Ran | undefined; wrong: string[] }> {
    this.clear()
    const first = await this.run(inject)
    const wrong = this.wrong
    if (first.told === undefined && !first.killed) wrong.push('the program crashed')
    if (first.told !== undefined && first.told.leaked > 0) wrong.push('descriptors leaked')
    // A client whose journal says that it is done does not begin again.
    const second = first.told?.path === undefined ? await this.run() : undefined
    wrong.push(...this.wrong)
    const told = second?.told ?? first.told
    if (told?.path !== 'f (1).bin') wrong.push(`not finished: ${JSON.stringify(told)}`)
    const names = readdirSync(this.inbox).sort()
    const left = /(unlink|statx):error/.test(inject) ? names.filter((name) => !name.startsWith('.')) : names
    if (left.join() !== 'f (1).bin,f.bin') wrong.push(`left over: ${names}`)
    else if (!readFileSync(join(this.inbox, 'f (1).bin')).equals(this.content)) wrong.push('P1: not the file')
    return { first, second, wrong }
  }
}

function isPlaceholder(content: Buffer): boolean {
  return (
    content.length === 0 || /^jabberfs puts \.jabberfs-[0-9a-f]{16}\.part here\n$/.test(content.toString())
  )
}
