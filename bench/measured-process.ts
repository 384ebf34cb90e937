/**
 * Starts a program under GNU time and says what it and all its descendants that it waited for used: wall
 * seconds, CPU seconds (user and system), and the peak resident memory of the largest one of them.
 * Measured from start to exit by the kernel (`wait4`), so nothing is sampled and nothing is guessed.
 */

import { type ChildProcess, spawn } from 'node:child_process'
import { readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface Used {
  seconds: number
  cpuSeconds: number
  peakMemoryMiB: number
}

export interface MeasuredProcess {
  /** GNU time's own process; its only child is the program. */
  readonly child: ChildProcess
  /** Resolves when the program is gone, however it ended. */
  readonly exited: Promise<Used & { code: number | null; said: string }>
  /** Sends the program SIGTERM and waits for its end. */
  stop(): Promise<Used & { code: number | null; said: string }>
}

export interface StartOptions {
  cwd?: string
  env?: NodeJS.ProcessEnv
  /** Gets each line of the program's standard output. Its standard error is kept for messages. */
  onLine?: (line: string) => void
}

let started = 0

/** Starts `command` measured. Its standard input is empty; its output goes to `onLine` and to `said`. */
export function startMeasured(command: string, args: string[], options: StartOptions = {}): MeasuredProcess {
  const report = join(tmpdir(), `jabberfs-bench-time-${process.pid}-${started++}`)
  const begun = process.hrtime.bigint()
  const child = spawn('/usr/bin/time', ['-q', '-o', report, '-f', '%U %S %M', command, ...args], {
    cwd: options.cwd,
    env: options.env ?? process.env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const said = gather(child, options.onLine)
  const exited = new Promise<Used & { code: number | null; said: string }>((resolve, reject) => {
    child.once('error', reject)
    let seconds = 0
    child.once('exit', () => {
      seconds = Number(process.hrtime.bigint() - begun) / 1e9
    })
    child.once('close', (code) => {
      readUsed(report).then((used) => resolve({ ...used, seconds, code, said: said() }), reject)
    })
  })
  exited.catch(() => {})
  const stop = async () => {
    const pid = await programOf(child.pid!)
    if (pid !== undefined) endQuietly(pid)
    return exited
  }
  return { child, exited, stop }
}

/** Runs `command` to its end. @throws Error with what it said when its exit code is not 0. */
export async function runMeasured(
  command: string,
  args: string[],
  options: StartOptions = {},
): Promise<Used & { said: string }> {
  const used = await startMeasured(command, args, options).exited
  if (used.code !== 0) throw new Error(`${command} ended with ${used.code}: ${used.said.trim()}`)
  return used
}

/** Peak resident memory of the process that asks, in MiB: the high-water mark of its own memory since its start. */
export async function ownPeakMemoryMiB(): Promise<number> {
  const status = await readFile('/proc/self/status', 'utf8')
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? Number.NaN) / 1024
}

/** Peak memory of a Node process that loads nothing and waits, in MiB: the yardstick for "above an idle Node". */
export async function idleNodePeakMemoryMiB(): Promise<number> {
  const idle = await runMeasured(process.execPath, ['-e', 'setTimeout(() => {}, 300)'])
  return idle.peakMemoryMiB
}

async function readUsed(report: string): Promise<Used> {
  const text = await readFile(report, 'utf8')
  await rm(report, { force: true })
  const [user, system, kibibytes] = text.trim().split('\n').at(-1)!.split(' ').map(Number)
  return { seconds: 0, cpuSeconds: user! + system!, peakMemoryMiB: kibibytes! / 1024 }
}

/** GNU time does not pass signals on, so the program itself must be found. */
async function programOf(timePid: number): Promise<number | undefined> {
  const children = await readFile(`/proc/${timePid}/task/${timePid}/children`, 'utf8').catch(() => '')
  const pid = Number(children.trim().split(' ')[0])
  return pid > 0 ? pid : undefined
}

function endQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGTERM')
  } catch {
    // It has ended by itself meanwhile.
  }
}

function gather(child: ChildProcess, onLine?: (line: string) => void): () => string {
  const keptCharacters = 8_000
  let said = ''
  let line = ''
  const keep = (text: string) => {
    said = (said + text).slice(-keptCharacters)
  }
  child.stderr?.setEncoding('utf8').on('data', keep)
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    keep(text)
    if (!onLine) return
    const lines = (line + text).split('\n')
    line = lines.pop()!
    for (const each of lines) onLine(each)
  })
  return () => said
}
