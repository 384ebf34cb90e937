/** A person whom the catalogue does not serve, of another server for one: is told so, whose decision it is, and waits for nothing. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { writeAccountFile } from '../../cli/account.js'
import type { Report } from '../../cli/words.js'
import { type RunningComponent, startComponent } from '../../component/index.js'
import { type ChildCommand, startCommand } from '../../scripts/child-command.js'
import { type PrivateProsody, startProsody } from '../../scripts/private-prosody.js'

const refusal = (report: Report) => report.report === 'error' && report.code === 'not-served'

describe('whom the catalogue does not serve', function () {
  this.timeout(120_000)
  let prosody: PrivateProsody
  let component: RunningComponent
  let dir: string
  const children: ChildCommand[] = []
  before(async () => {
    dir = mkdtempSync(join(tmpdir(), 'jabberfs-served-'))
    prosody = await startProsody({ iterations: 100, users: { faust: 'secret' } })
    const { componentDomain: domain, componentService: server, secret, service } = prosody
    component = await startComponent({
      ...{ domain, server, secret },
      state: join(dir, 'component'),
      catalogue: { users: ['goethe.example'] },
      logLevel: 'warn',
    })
    await component.online
    const state = join(dir, 'state')
    const account = { jid: 'faust@localhost', password: 'secret', service, component: domain, state }
    writeAccountFile(join(dir, 'faust.toml'), account)
    for (const name of ['one', 'two']) {
      mkdirSync(join(dir, name))
      writeFileSync(join(dir, name, 'small.txt'), 'Habe nun, ach!')
    }
  })
  after(async () => {
    for (const child of children) child.kill('SIGKILL')
    await Promise.all(children.map(({ ended }) => ended))
    await component.stop()
    await prosody.stop()
    rmSync(dir, { recursive: true, force: true })
  })

  const start = (...args: string[]): ChildCommand => {
    const child = startCommand(args, { env: { JABBERFS_CONFIG: join(dir, 'faust.toml') }, cwd: dir })
    children.push(child)
    return child
  }
  const expectRefused = async (...args: string[]) => {
    const child = start(...args)
    expect((await child.ended).code, child.output()).to.equal(6)
    expect(child.output())
      .to.contain('serves others, not this account')
      .and.to.contain('`catalogue.users`')
      .and.not.to.contain('See the condition')
  }

  it('is told so, by each command, and `share` does not wait', async () => {
    await expectRefused('search', 'girl')
    await expectRefused('peers')
    await expectRefused('share', 'one')
  })

  it('hears it once from `serve`, however much is shared; and from `share` that goes through it', async () => {
    await expectRefused('share', 'two')
    const serving = start('--json', 'serve')
    await serving.until(refusal)
    await expectRefused('share', 'one')
    await expectRefused('share', 'two')
    await new Promise((resolve) => setTimeout(resolve, 1_000))
    expect(serving.reports.filter(refusal), serving.output()).to.have.length(1)
    serving.kill('SIGTERM')
    expect((await serving.ended).code, serving.output()).to.equal(0)
  })
})
