/** `jabberfs component`: configured by file and environment, ended in order, one for each state folder. */
import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { startCommand } from '../../scripts/child-command.js'
import { type PrivateProsody, startProsody } from '../../scripts/private-prosody.js'

describe('jabberfs component', function () {
  this.timeout(180_000)
  let prosody: PrivateProsody
  let dir: string
  let file: string
  before(async () => {
    prosody = await startProsody()
    dir = mkdtempSync(join(tmpdir(), 'jabberfs-component-'))
    file = join(dir, 'component.toml')
    const { componentDomain, componentService, secret } = prosody
    const text = `domain = "${componentDomain}"\nserver = "${componentService}"\nstate = "state"\nsecret = "${secret}"\n`
    writeFileSync(file, text, { mode: 0o600 })
  })
  after(async () => {
    await prosody.stop()
    rmSync(dir, { recursive: true, force: true })
  })

  const start = (args: string[], env: Record<string, string> = {}) =>
    startCommand(['component', ...args], { env, cwd: dir })
  it('goes online, logs JSON lines without its secret, and ends with 0 at SIGTERM (case 107)', async () => {
    const child = start(['--config', file])
    await child.untilPrinted('"msg":"online"')
    child.kill('SIGTERM')
    expect((await child.ended).code, child.output()).to.equal(0)
    for (const line of child.output().trim().split('\n')) expect(JSON.parse(line)).to.have.property('level')
    expect(child.output()).not.to.contain(prosody.secret)
  })

  it('takes everything from the environment too, which has the last word', async () => {
    const child = start(['--config', file], {
      JABBERFS_COMPONENT_LOG_LEVEL: 'debug',
      JABBERFS_COMPONENT_STATE: join(dir, 'two'),
    })
    await child.untilPrinted('"msg":"online"')
    child.kill('SIGINT')
    expect((await child.ended).code).to.equal(0)
    expect(child.output()).not.to.contain(prosody.secret)
  })

  it('names a variable that is no setting, and makes its databases for its own user alone', async () => {
    const state = join(dir, 'own')
    const child = start(['--config', file], {
      JABBERFS_COMPONENT_STATE: state,
      JABBERFS_COMPONENT_LIMITS_PER_JID_BRUST: '5',
    })
    await child.untilPrinted('"msg":"online"')
    await child.untilPrinted('JABBERFS_COMPONENT_LIMITS_PER_JID_BRUST is not a setting')
    child.kill()
    expect((await child.ended).code).to.equal(0)
    for (const name of readdirSync(state)) {
      expect(statSync(join(state, name)).mode & 0o077, name).to.equal(0)
    }
  })

  it('ends with 13 where another process holds the state, and leaves that one alone', async () => {
    const first = start(['--config', file])
    await first.untilPrinted('"msg":"online"')
    const second = start(['--config', file])
    expect((await second.ended).code, second.output()).to.equal(13)
    expect(second.output().trim().split('\n')).to.have.length(1)
    first.kill()
    expect((await first.ended).code).to.equal(0)
  })

  it('comes back after kill -9', async () => {
    const first = start(['--config', file])
    await first.untilPrinted('"msg":"online"')
    first.kill('SIGKILL')
    await first.ended
    const second = start(['--config', file])
    await second.untilPrinted('"msg":"online"')
    second.kill()
    expect((await second.ended).code).to.equal(0)
  })

  it('refuses a file with a secret that others can read (case 107)', async () => {
    chmodSync(file, 0o644)
    const child = start(['--config', file])
    expect((await child.ended).code).to.equal(3)
    expect(child.output())
      .to.match(/chmod 600/)
      .and.not.contain(prosody.secret)
    chmodSync(file, 0o600)
  })

  it('tells every fault of its configuration whole, each on a line (case 107)', async () => {
    const wrong = join(dir, 'wrong.toml')
    const limits = ['pending_per_pair', 'pending_per_recipient', 'pending_per_author', 'devices_per_peer']
    const text = `server = "goethe"\n[limits]\n${limits.map((name) => `${name} = -1\n`).join('')}`
    writeFileSync(wrong, text, { mode: 0o600 })
    const child = start(['--config', wrong])
    expect((await child.ended).code).to.equal(3)
    const lines = child.output().trim().split('\n')
    expect(lines).to.have.length(5 + 3 + 1)
    for (const name of ['server', ...limits]) {
      expect(lines.filter((line) => line.includes(`${name} must be `))).to.have.length(1)
    }
    expect(lines.at(-1)).to.match(/these 8 faults\. docs\/operating\.md/)
    expect(child.output()).not.to.contain('…')
    const program = start(['--json', '--config', wrong])
    expect((await program.ended).code).to.equal(3)
    expect(JSON.parse(program.output())).to.have.property('says').that.contains('devices_per_peer must be')
  })
})
