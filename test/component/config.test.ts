/** What the component is told by file and environment, and what it says when it is told wrong. */

import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { ConfigFailed, readConfig, usualCatalogue, usualLimits } from '../../component/index.js'

describe('the configuration', () => {
  let dir: string
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'jabberfs-config-'))
  })
  afterEach(() => rmSync(dir, { recursive: true, force: true }))

  const write = (name: string, text: string, mode = 0o600) => {
    const path = join(dir, name)
    writeFileSync(path, text)
    chmodSync(path, mode)
    return path
  }
  const full = `
    domain = "files.goethe.example"
    server = "xmpp://127.0.0.1:5347"
    state = "state"
    secret = "pentagram"
    log_level = "debug"
    [limits]
    pending_per_pair = 4
    per_jid = { per_second = 10, burst = 20 }
  `
  function faults(file: string | undefined, env: Record<string, string> = {}): readonly string[] {
    try {
      readConfig({ file, env })
    } catch (error) {
      if (error instanceof ConfigFailed) return error.faults
      throw error
    }
    return []
  }

  it('comes from a file, with the usual for what is not said', () => {
    const config = readConfig({ file: write('component.toml', full) })
    expect(config).to.deep.equal({
      domain: 'files.goethe.example',
      server: 'xmpp://127.0.0.1:5347',
      state: join(dir, 'state'),
      secret: 'pentagram',
      logLevel: 'debug',
      limits: { ...usualLimits, pendingPerPair: 4, perJid: { perSecond: 10, burst: 20 } },
      listPort: 0,
      admins: [],
      catalogue: usualCatalogue('files.goethe.example'),
    })
    expect(config.catalogue.users).to.deep.equal(['goethe.example'])
  })

  it('says who may use the catalogue, as a list, or parted by commas in the environment', () => {
    const file = write(
      'component.toml',
      `${full}
[catalogue]\nusers = ["Goethe.example", "faust@markt.example"]`,
    )
    expect(readConfig({ file }).catalogue.users).to.deep.equal(['goethe.example', 'faust@markt.example'])
    const env = { JABBERFS_COMPONENT_CATALOGUE_USERS: '*' }
    expect(readConfig({ file, env }).catalogue.users).to.deep.equal(['*'])
    expect(faults(file, { JABBERFS_COMPONENT_CATALOGUE_USERS: 'x.example, faust@x/full' })[0]).to.include(
      'CATALOGUE_USERS must be a list of domains',
    )
    const wrong = write(
      'wrong.toml',
      `${full}
[catalogue]\nusers = "goethe.example"\nentries = 0`,
    )
    expect(faults(wrong)).to.have.lengthOf(2)
  })

  it('is overridden by the environment, which may say everything', () => {
    const env = {
      JABBERFS_COMPONENT_DOMAIN: 'files.other.example',
      JABBERFS_COMPONENT_LIMITS_PER_JID_BURST: '99',
      JABBERFS_COMPONENT_SECRET: 'poodle',
    }
    const config = readConfig({ file: write('component.toml', full), env })
    expect(config).to.include({ domain: 'files.other.example', secret: 'poodle' })
    expect(config.limits.perJid).to.deep.equal({ perSecond: 10, burst: 99 })
    const whole = { ...env, JABBERFS_COMPONENT_SERVER: 'xmpp://[::1]:5347', JABBERFS_COMPONENT_STATE: dir }
    expect(readConfig({ env: whole })).to.include({ server: 'xmpp://[::1]:5347', state: dir })
  })

  it('tells all faults at once, each with what would be right', () => {
    const file = write(
      'component.toml',
      `
      domain = "faust@goethe.example"
      server = "https://goethe.example"
      colour = "grey"
      log_level = "loud"
      [limits]
      pending_per_pair = -1
      `,
    )
    const found = faults(file, { JABBERFS_COMPONENT_LIMITS_DEVICES_PER_PEER: '1e3' })
    expect(found).to.have.lengthOf(8)
    for (const word of [
      'domain must be',
      'server must be xmpp://HOST:PORT',
      'colour is not a setting',
      'log_level must be one of',
      'pending_per_pair must be a whole number from 1 to 1000000 (unanswered offers',
      'LIMITS_DEVICES_PER_PEER must be a whole number',
      'state is missing',
      'secret is missing',
    ]) {
      expect(found.filter((fault) => fault.includes(word))).to.have.lengthOf(1)
    }
  })

  it('says where a setting belongs that stands below a table, and that a text is to be quoted', () => {
    const wandered = full
      .replace('domain = "files.goethe.example"', '')
      .concat('domain = "files.goethe.example"')
    expect(faults(write('wandered.toml', wandered))[0]).to.match(
      /limits\.domain is not a setting: domain belongs above the first table of the file.*\[limits\]/,
    )
    for (const bare of ['pentagram', '1pentagram', '666', 'true']) {
      const found = faults(write('bare.toml', full.replace('"pentagram"', bare)))
      expect(found, bare).to.have.lengthOf(1)
      expect(found[0]).to.include('quote it, secret = "…"').and.not.include(bare)
    }
    const table = faults(write('table.toml', full.replace('= 4', '= 4x')))
    expect(table[0]).to.include('is not TOML').and.not.include('quote')
  })

  it('takes a secret only from a file that nobody else can read (P22)', () => {
    expect(faults(write('open.toml', full, 0o644))[0]).to.include('chmod 600')
    const secretFile = write('secret', 'pentagram\n', 0o640)
    const rest = full.replace('secret = "pentagram"', 'secret_file = "secret"')
    expect(faults(write('component.toml', rest, 0o644))[0]).to.include('chmod 600')
    chmodSync(secretFile, 0o600)
    expect(readConfig({ file: write('component.toml', rest, 0o644) }).secret).to.equal('pentagram')
    // Whichever way the environment says it, it has the last word.
    const file = write('component.toml', full.replace('pentagram', 'of the file'), 0o600)
    const env = { JABBERFS_COMPONENT_SECRET_FILE: secretFile }
    expect(readConfig({ file, env }).secret).to.equal('pentagram')
    expect(readConfig({ file, env: { ...env, JABBERFS_COMPONENT_SECRET: 'poodle' } }).secret).to.equal(
      'poodle',
    )
    write('component.toml', rest, 0o644)
    rmSync(secretFile)
    expect(faults(join(dir, 'component.toml'))[0]).to.include('there is no such file')
  })

  it('takes one secret, not two', () => {
    const both = full.replace('secret = "pentagram"', 'secret = "pentagram"\nsecret_file = "secret"')
    write('secret', 'poodle\n', 0o600)
    expect(() => readConfig({ file: write('component.toml', both, 0o600) })).to.throw(
      'secret and secret_file are both set: leave only one of them',
    )
  })

  it('never shows the secret in what it says (case 107, P22)', () => {
    const broken = `${full.replace('state = "state"', '')}\nsecret = "pentagram" = "pentagram"`
    for (const text of [broken, full.replace('files.goethe.example', 'not a domain')]) {
      const said = faults(write('component.toml', text, 0o644)).join('\n')
      expect(said).not.to.equal('')
      expect(said).not.to.include('pentagram')
    }
  })

  it('says where a file is not TOML, and when there is none', () => {
    expect(faults(write('component.toml', 'domain = \n'))[0]).to.match(/is not TOML in line 1, column \d+/)
    expect(faults(join(dir, 'none.toml'))).to.deep.equal([
      `${join(dir, 'none.toml')} cannot be read: there is no such file`,
    ])
  })
})
