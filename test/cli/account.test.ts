/** The account: where it comes from, and who may read it. */

import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { readAccount, writeAccountFile } from '../../cli/account.js'
import { CommandFailed } from '../../cli/failure.js'
import { readSettings } from '../../cli/settings.js'

describe('the account of the command', () => {
  let dir: string
  let config: string
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'jabberfs-account-'))
    config = join(dir, 'deep', 'account.toml')
  })
  afterEach(() => rmSync(dir, { recursive: true, force: true }))

  const code = (act: () => unknown): string => {
    try {
      act()
    } catch (error) {
      if (error instanceof CommandFailed) return error.trouble.code
      throw error
    }
    return 'nothing'
  }

  it('is written so that only its owner can read it, and read back the same', () => {
    const account = { jid: 'faust@goethe.example', password: 'a "b" \\ ü', service: 'xmpp://127.0.0.1:5222' }
    writeAccountFile(config, account)
    expect(statSync(config).mode & 0o777).to.equal(0o600)
    expect(readAccount({ JABBERFS_CONFIG: config, XDG_STATE_HOME: dir })).to.deep.equal({
      ...account,
      state: join(dir, 'jabberfs', 'faust@goethe.example'),
    })
  })

  it('that cannot be written is told as such, and nothing is left behind', () => {
    writeFileSync(join(dir, 'deep'), 'a file where a folder is to be')
    expect(code(() => writeAccountFile(config, { jid: 'a@b' }))).to.equal('bad-config')
    expect(readdirSync(dir)).to.deep.equal(['deep'])
  })

  it('has a component whose address is none only by a slip, which is named with its place', () => {
    const env = { JABBERFS_JID: 'a@b', JABBERFS_PASSWORD: 'x', JABBERFS_CONFIG: config }
    expect(code(() => readAccount({ ...env, JABBERFS_COMPONENT: 'files b' }))).to.equal('bad-config')
    expect(readAccount({ ...env, JABBERFS_COMPONENT: 'files.b' }).component).to.equal('files.b')
  })

  it('whose password is not quoted is told so, and not the password', () => {
    writeFileSync(join(dir, 'bare.toml'), 'jid = "a@b"\npassword = pentagram\n', { mode: 0o600 })
    expect(() => readAccount({ JABBERFS_CONFIG: join(dir, 'bare.toml') }))
      .to.throw(CommandFailed, 'quote it, password = "…"')
      .with.property('message')
      .that.does.not.contain('pentagram')
  })

  it('is refused from a file that others can read (case 107)', () => {
    writeAccountFile(config, { jid: 'faust@goethe.example', password: 'secret' })
    for (const mode of [0o640, 0o604, 0o660]) {
      chmodSync(config, mode)
      expect(code(() => readAccount({ JABBERFS_CONFIG: config }))).to.equal('config-readable-by-others')
    }
  })

  it('takes the environment first, and never another account’s password from the file', () => {
    writeAccountFile(config, {
      jid: 'faust@goethe.example',
      password: 'old',
      component: 'files.goethe.example',
    })
    const env = { JABBERFS_CONFIG: config, JABBERFS_PASSWORD: 'new' }
    expect(readAccount(env)).to.include({ password: 'new', component: 'files.goethe.example' })
    expect(
      code(() => readAccount({ JABBERFS_CONFIG: config, JABBERFS_JID: 'wagner@goethe.example' })),
    ).to.equal('no-account')
    expect(code(() => readAccount({ JABBERFS_CONFIG: join(dir, 'none.toml') }))).to.equal('no-account')
  })

  it('tells every fault of a broken file at once, and never shows what is in it (case 107)', () => {
    writeFileSync(join(dir, 'bad.toml'), 'jid = "a@b"\npassword = topsecret\n', { mode: 0o600 })
    writeFileSync(join(dir, 'odd.toml'), 'jid = 5\npasword = "topsecret"\n', { mode: 0o600 })
    const says = (file: string): string => {
      try {
        readAccount({ JABBERFS_CONFIG: join(dir, file) })
      } catch (error) {
        return (error as Error).message
      }
      return ''
    }
    expect(says('bad.toml')).to.match(/not TOML \(line 2\)/)
    expect(says('odd.toml')).to.match(/“jid” must be a text.*“pasword” means nothing/)
    expect(says('bad.toml') + says('odd.toml')).not.to.contain('topsecret')
    expect(readFileSync(join(dir, 'bad.toml'), 'utf8')).to.contain('topsecret')
  })

  it('has settings whose faults are all told at once', () => {
    const env = {
      JABBERFS_LISTEN: '70000',
      JABBERFS_SIDES: 'left',
      JABBERFS_GIVE_UP_AFTER: '0',
      JABBERFS_SOCKETS: '5',
    }
    expect(() => readSettings({}, env)).to.throw(
      /JABBERFS_LISTEN.*JABBERFS_SIDES.*JABBERFS_GIVE_UP_AFTER.*JABBERFS_SOCKETS/,
    )
    expect(readSettings({ service: 'xmpp://127.0.0.1:5222' }, {}).allowLoopback).to.equal(true)
    expect(readSettings({ service: 'xmpp://goethe.example:5222' }, {}).allowLoopback).to.equal(false)
    expect(readSettings({}, { JABBERFS_LISTEN: '5300-5310' }).listen).to.deep.equal({ ports: [5300, 5310] })
  })
})
