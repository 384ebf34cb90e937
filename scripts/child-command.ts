/**
 * The real command as a child process with JSON reports: what the demo and the tests of the command drive.
 * Secrets go by the environment; what it printed is kept, so that a failing test can show it.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Report } from '../cli/words.js'
import { tiedToUs } from './tied-process.js'

export interface ChildCommand {
  readonly process: ChildProcess
  /** Everything it reported so far. */
  readonly reports: Report[]
  /** What it printed on stdout and stderr so far. */
  output(): string
  /** The first report, from now or before, that fits; rejects when the command ends without one. */
  until(fits: (report: Report) => boolean): Promise<Report>
  /** Resolves once these words stand in what it printed; rejects when it ends without them. */
  untilPrinted(words: string): Promise<void>
  onReport(listener: (report: Report) => void): void
  kill(signal?: NodeJS.Signals): void
  /** Resolves when it has ended and all its output was read. */
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>
}

/** `dist/cli/main.js` of this package. */
export const commandFile = join(dirname(fileURLToPath(import.meta.url)), '..', 'cli', 'main.js')

const children = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL')
})

/** Only what the command needs of our own environment, and what it is given. */
function commandEnvironment(env: Record<string, string>): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith('JABBERFS_'))
  return { ...Object.fromEntries(kept), ...env }
}

/** Starts `jabberfs ARGS…`. */
export function startCommand(
  args: string[],
  options: { env?: Record<string, string>; cwd?: string; input?: string } = {},
): ChildCommand {
  if (!existsSync(commandFile)) throw new Error(`${commandFile} is not built`)
  // The child's process id is the command's own: setpriv becomes it.
  const child = spawn(...tiedToUs(process.execPath, [commandFile, ...args], 'KILL'), {
    cwd: options.cwd,
    env: commandEnvironment(options.env ?? {}),
    stdio: [options.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
  })
  children.add(child)
  child.stdin?.end(options.input)
  const reports: Report[] = []
  const printed: string[] = []
  const printings = new Set<() => void>()
  const print = (text: string) => {
    printed.push(text)
    for (const look of [...printings]) look()
  }
  const listeners = new Set<(report: Report) => void>()
  const lines = createInterface({ input: child.stdout! })
  lines.on('line', (line) => {
    print(`${line}\n`)
    const report = readReport(line)
    if (report === undefined) return
    reports.push(report)
    for (const listener of [...listeners]) listener(report)
  })
  child.stderr!.setEncoding('utf8').on('data', print)
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.once('close', (code, signal) => {
      children.delete(child)
      resolve({ code, signal })
    })
  })
  return {
    process: child,
    reports,
    output: () => printed.join(''),
    onReport: (listener) => listeners.add(listener),
    untilPrinted(words) {
      return new Promise((resolve, reject) => {
        const look = () => {
          if (!printed.join('').includes(words)) return
          printings.delete(look)
          resolve()
        }
        printings.add(look)
        look()
        ended.then(() => reject(new Error(`it ended without “${words}”:\n${printed.join('')}`)))
      })
    },
    until(fits) {
      const before = reports.find(fits)
      if (before) return Promise.resolve(before)
      return new Promise((resolve, reject) => {
        const listener = (report: Report) => {
          if (!fits(report)) return
          listeners.delete(listener)
          resolve(report)
        }
        listeners.add(listener)
        ended.then(({ code, signal }) => {
          reject(new Error(`jabberfs ${args.join(' ')} ended (${signal ?? code}):\n${printed.join('')}`))
        })
      })
    },
    kill: (signal = 'SIGTERM') => {
      child.kill(signal)
    },
    ended,
  }
}

function readReport(line: string): Report | undefined {
  try {
    const value = JSON.parse(line) as Report
    return typeof value === 'object' && value !== null && 'report' in value ? value : undefined
  } catch {
    return undefined
  }
}
