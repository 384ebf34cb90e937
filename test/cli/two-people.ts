/** Two people who use the command at a private server and begin anew with each test, and a folder to work in, with `into` for what comes. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ChildCommand, startCommand } from '../../scripts/child-command.js'
import { type Person, type Playground, startPlayground } from '../../scripts/playground.js'

export interface TwoPeople {
  /** From the first test on. */
  readonly ground: Playground
  /** Within a test. */
  readonly dir: string
  /** A command of somebody, ended with the test. */
  start(who: Person, ...args: string[]): ChildCommand
}

/** To be called in a `describe`. @param env for each command, beside whose it is */
export function twoPeople(name: string, env: Record<string, string> = {}): TwoPeople {
  let ground: Playground
  let dir: string
  const children: ChildCommand[] = []

  before(async () => {
    ground = await startPlayground()
  })
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), `jabberfs-${name}-`))
    mkdirSync(join(dir, 'into'))
  })
  afterEach(async () => {
    for (const child of children) child.kill('SIGKILL')
    await Promise.all(children.splice(0).map(({ ended }) => ended))
    for (const { state } of [ground.faust, ground.mephisto]) rmSync(state, { recursive: true, force: true })
    rmSync(dir, { recursive: true, force: true })
  })
  after(() => ground.stop())

  return {
    get ground() {
      return ground
    },
    get dir() {
      return dir
    },
    start(who, ...args) {
      const child = startCommand(args, { env: { JABBERFS_CONFIG: who.config, ...env }, cwd: dir })
      children.push(child)
      return child
    },
  }
}
