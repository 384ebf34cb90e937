/**
 * Profanity, a client for terminals, looks around and says commands. Not part of `npm test`: `npm run test:clients`.
 * Where it is not installed that is said, and no more.
 */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findProgram } from '../../../scripts/tied-process.js'
import { file, Person } from '../desk/asking.js'
import { Stage } from '../stage.js'
import { Terminal } from './terminal.js'

describe('profanity, in a terminal', function () {
  this.timeout(120_000)
  let stage: Stage
  let dir: string
  let terminal: Terminal

  before(async function () {
    if (findProgram('profanity') === undefined || findProgram('tmux') === undefined) {
      console.error(
        '\n!!! PROFANITY OR TMUX IS NOT INSTALLED, NOTHING WAS TRIED WITH IT: apt-get install profanity tmux\n',
      )
      this.skip()
    }
    dir = mkdtempSync(join(tmpdir(), 'jabberfs-profanity-'))
    stage = await Stage.open()
    const faust = await Person.at(stage, 'faust')
    await faust.ask('register', {})
    await faust.share('Bilder-2002', [file('my_girl.jpg', { size: 35_012 })], { name: 'Bilder' })
    const { prosody } = stage
    prosody.addUser('faust', 'password')
    const accounts = join(dir, 'data', 'profanity')
    mkdirSync(accounts, { recursive: true })
    writeFileSync(
      join(accounts, 'accounts'),
      `[faust]\njid=faust@localhost\nresource=stock\nenabled=true\npassword=password\nserver=127.0.0.1\nport=${prosody.c2sPort}\ntls.policy=disable\n`,
      { mode: 0o600 },
    )
    const env = {
      HOME: dir,
      XDG_DATA_HOME: join(dir, 'data'),
      XDG_CONFIG_HOME: join(dir, 'config'),
      LC_ALL: 'C.UTF-8',
    }
    terminal = new Terminal(dir, ['profanity', '-a', 'faust'], env)
    await terminal.shows('faust@localhost/stock logged in successfully')
  })
  after(async () => {
    terminal?.close()
    await stage?.close()
    if (dir !== undefined) rmSync(dir, { recursive: true, force: true })
  })

  it('is told what the component is, and lists who shares something', async () => {
    terminal.line(`/disco info ${stage.domain}`)
    await terminal.shows('jabberFS', 'jabber:iq:search', 'urn:xmpp:fis:0')
    terminal.line(`/disco items ${stage.domain}`)
    await terminal.shows('faust@localhost (1 files)')
  })

  it('lists the commands that it may say, and says one', async () => {
    terminal.line(`/cmd list ${stage.domain}`)
    await terminal.shows('my-shares', 'unshare')
    terminal.line(`/cmd exec unshare ${stage.domain}`)
    await terminal.shows('[field1] Which share?')
    terminal.line('/form help field1')
    await terminal.shows('Bilder-2002')
    terminal.line('/field1 Bilder-2002')
    await terminal.shows('Field updated')
    terminal.line('/form submit')
    await terminal.shows('Bilder is shared no longer.')
  })
})
