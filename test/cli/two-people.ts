/**
 * Two people who use the command at a private server, and a folder to work in, with `into` for what comes. With each test they begin
 * anew, or go on from the one before where that is wished.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Report } from '../../cli/words.js'
import { type ChildCommand, startCommand } from '../../scripts/child-command.js'
import { type Person, type Playground, startPlayground } from '../../scripts/playground.js'

export interface TwoPeople {
  /** From the first test on. */
  readonly ground: Playground
  /** Within a test; where they go on, from the first test on. */
  readonly dir: string
  /** `into` in `dir`. */
  readonly into: string
  /** A command of somebody, ended with the test, or where they go on, after the last. */
  start(who: Person, ...args: string[]): ChildCommand
  /** A command of somebody, to its own end. */
  run(who: Person, ...args: string[]): Promise<{ code: number | null; output: string; reports: Report[] }>
}

export interface TwoPeopleOptions {
  /** For each command, beside whose it is. */
  env?: Record<string, string>
  /** What they have and hold stays from one test to the next. */
  goOn?: boolean
}

/** To be called in a `describe`, before its own `before`. @param name of the folder */
export function twoPeople(name: string, { env = {}, goOn = false }: TwoPeopleOptions = {}): TwoPeople {
  let ground: Playground
  let dir: string
  const children: ChildCommand[] = []

  const begin = () => {
    dir = mkdtempSync(join(tmpdir(), `jabberfs-${name}-`))
    mkdirSync(join(dir, 'into'))
  }
  const end = async () => {
    for (const child of children) child.kill('SIGKILL')
    await Promise.all(children.splice(0).map(({ ended }) => ended))
    for (const { state } of [ground.faust, ground.mephisto]) rmSync(state, { recursive: true, force: true })
    rmSync(dir, { recursive: true, force: true })
  }
  before(async () => {
    ground = await startPlayground()
    if (goOn) begin()
  })
  if (!goOn) {
    beforeEach(begin)
    afterEach(end)
  }
  after(async () => {
    if (goOn) await end()
    await ground.stop()
  })

  const start = (who: Person, ...args: string[]): ChildCommand => {
    const child = startCommand(args, { env: { JABBERFS_CONFIG: who.config, ...env }, cwd: dir })
    children.push(child)
    return child
  }
  return {
    get ground() {
      return ground
    },
    get dir() {
      return dir
    },
    get into() {
      return join(dir, 'into')
    },
    start,
    async run(who, ...args) {
      const child = start(who, ...args)
      const { code } = await child.ended
      return { code, output: child.output(), reports: child.reports }
    },
  }
}
