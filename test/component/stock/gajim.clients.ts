/**
 * Gajim, under Xvfb, searches with its own windows, and adds the component to its roster. Not part of `npm test`, since it needs a desktop's packages: `npm run test:clients`.
 * Where it is not installed that is said, and no more.
 */

import { spawn } from 'node:child_process'
import { chownSync, copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { findProgram, tiedToUs } from '../../../scripts/tied-process.js'
import { file, Person } from '../desk/asking.js'
import { Stage } from '../stage.js'

const driver = fileURLToPath(new URL('../../../../test/component/stock/gajim-driver.py', import.meta.url))

/** The number of the user `nobody`, in Debian and elsewhere. */
const nobody = 65_534

describe('gajim, under Xvfb', function () {
  this.timeout(100_000)
  let stage: Stage
  let dir: string
  /** What the driver said, step by step. */
  let said: Record<string, unknown>

  before(async function () {
    const needed = ['gajim', 'xvfb-run', 'xauth', 'dbus-run-session']
    if (needed.some((program) => findProgram(program) === undefined)) {
      console.error(
        '\n!!! GAJIM OR XVFB IS NOT INSTALLED, NOTHING WAS TRIED WITH IT: apt-get install gajim xvfb xauth dbus\n',
      )
      this.skip()
    }
    dir = mkdtempSync(join(tmpdir(), 'jabberfs-gajim-'))
    // It takes no fewer rounds of PBKDF2 from a server.
    stage = await Stage.open({}, {}, { iterations: 4_096 })
    const faust = await Person.at(stage, 'faust')
    await faust.ask('register', {})
    await faust.share('Bilder-2002', [file('2002/my_girl.jpg', { size: 35_012, type: 'image/jpeg' })], {
      name: 'Bilder',
    })
    stage.prosody.addUser('mephisto', 'password')
    said = await drive()
  })
  after(async () => {
    await stage?.close()
    if (dir !== undefined) rmSync(dir, { recursive: true, force: true })
  })

  async function drive(): Promise<Record<string, unknown>> {
    const { prosody } = stage
    // Gajim does not run as root, and what is ours need not be readable by others.
    const script = join(dir, 'driver.py')
    copyFileSync(driver, script)
    const program = ['xvfb-run', '-a', 'dbus-run-session', '--', '/usr/bin/python3', script]
    if (process.getuid?.() === 0) {
      program.unshift('setpriv', `--reuid=${nobody}`, `--regid=${nobody}`, '--clear-groups')
      for (const path of [dir, script]) chownSync(path, nobody, nobody)
    }
    const [command = '', ...args] = program
    const child = spawn(...tiedToUs(command, args), {
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
      env: {
        PATH: '/usr/bin:/bin:/usr/sbin',
        HOME: dir,
        LC_ALL: 'C.UTF-8',
        NO_AT_BRIDGE: '1',
        GSETTINGS_BACKEND: 'memory',
        STOCK_PROFILE: join(dir, 'profile'),
        STOCK_PORT: String(prosody.c2sPort),
        STOCK_USER: 'mephisto',
        STOCK_COMPONENT: stage.domain,
      },
    })
    let errors = ''
    child.stderr!.on('data', (text: Buffer) => {
      errors += text.toString()
    })
    const patience = setTimeout(() => process.kill(-child.pid!, 'SIGKILL'), 60_000)
    const words: Record<string, unknown> = {}
    for await (const line of createInterface({ input: child.stdout! })) {
      if (line.startsWith('{')) Object.assign(words, JSON.parse(line))
    }
    clearTimeout(patience)
    if (words.heard === undefined) throw new Error(`${JSON.stringify(words)}\n${errors.slice(-4_000)}`)
    return words
  }

  it('shows the form of our search, and what it found as a table', () => {
    expect(said.page).to.equal('form')
    expect(said.fields).to.include.members(['words', 'kind', 'online'])
    expect(said.columns).to.include.members(['Name', 'Bytes', 'From'])
    const [row] = said.rows as string[][]
    expect(row).to.include.members(['my_girl.jpg', '2002', '35012', 'faust@localhost'])
  })

  it('adds us to the roster, and does not wait for us there', () => {
    expect(said.heard).to.deep.equal([stage.domain])
    expect(said).to.include({ subscription: 'none', ask: null })
  })
})
