/**
 * The real commands on servers other than Prosody. Not part of `npm test`, since the servers are big: `npm run test:servers`.
 * A server that is not installed is named aloud, and its tests are pending.
 */
import { createHash, randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import type { Report } from '../../cli/words.js'
import { type ChildCommand, startCommand } from '../../scripts/child-command.js'
import { holdBack } from '../../scripts/hold-back.js'
import { kind } from '../cli/reports.js'
import type { OtherServer } from './other-server.js'
import { startEjabberd } from './private-ejabberd.js'
import { startJabberd2 } from './private-jabberd2.js'

const servers = [
  { name: 'ejabberd', start: startEjabberd },
  { name: 'jabberd2', start: startJabberd2 },
]

for (const { name, start } of servers) {
  describe(`on ${name}`, function () {
    this.timeout(60_000)
    let server: OtherServer
    let component: ChildCommand
    let dir: string
    let into: string
    const children: ChildCommand[] = []
    const passwords = { faust: randomBytes(9).toString('hex'), mephisto: randomBytes(9).toString('hex') }
    type Name = keyof typeof passwords

    before(async function () {
      const started = await start()
      if (started === undefined) {
        console.error(
          `\n!!! ${name} IS NOT INSTALLED, NOTHING WAS TRIED ON IT: \`apt-get install --no-install-recommends ${name}\`\n`,
        )
        this.skip()
      }
      server = started
      dir = mkdtempSync(join(tmpdir(), 'jabberfs-servers-'))
      for (const [user, password] of Object.entries(passwords)) await server.addUser(user, password)
    })
    beforeEach(() => {
      into = mkdtempSync(join(dir, 'into-'))
    })
    afterEach(async function () {
      if (this.currentTest?.state === 'failed') {
        console.error(server.log().trim().split('\n').slice(-15).join('\n'))
        console.error(component?.output().split('\n').slice(-15).join('\n'))
      }
      const mine = children.splice(0).filter((child) => child !== component)
      for (const child of mine) child.kill('SIGKILL')
      await Promise.all(mine.map(({ ended }) => ended))
    })
    after(async () => {
      if (server === undefined) return
      component?.kill('SIGKILL')
      await component?.ended
      await server.stop()
      rmSync(dir, { recursive: true, force: true })
    })

    const command = (args: string[], env: Record<string, string>, input?: string): ChildCommand => {
      const given = { env, cwd: dir, ...(input === undefined ? {} : { input }) }
      const child = startCommand(args, given)
      children.push(child)
      return child
    }
    const as = (who: Name, ...args: string[]): ChildCommand =>
      command(args, { ...server.environment, JABBERFS_CONFIG: join(dir, `${who}.toml`) })
    const receiver = async (who: Name, ...args: string[]): Promise<ChildCommand> => {
      const child = as(who, '--json', 'receive', ...args)
      await child.until(kind('listening'))
      return child
    }
    const code = async (child: ChildCommand) => (await child.ended).code
    const makeFile = (filename: string, bytes: number): string => {
      writeFileSync(join(dir, filename), randomBytes(bytes))
      return join(dir, filename)
    }
    const sum = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex')

    /** Runs the component until a line of its log fits. */
    const startComponent = async (secret: string, says: RegExp): Promise<ChildCommand> => {
      const config = join(dir, 'component.toml')
      const state = join(dir, 'component')
      mkdirSync(state, { recursive: true, mode: 0o700 })
      const lines = { domain: 'files.localhost', server: server.componentService, state, secret }
      const text = Object.entries(lines).map(([key, value]) => `${key} = ${JSON.stringify(value)}\n`)
      writeFileSync(config, text.join(''), { mode: 0o600 })
      const child = command(['component', '--config', config], {})
      await new Promise<void>((resolve, reject) => {
        child.process.stdout!.on('data', () => setImmediate(() => says.test(child.output()) && resolve()))
        child.ended.then(() => reject(new Error(`the component ended: ${child.output()}`)))
      })
      return child
    }
    const online = /"msg":"online"/

    it('says clearly that the secret is wrong, and keeps it to itself', async () => {
      const wrong = await startComponent('not the secret', /not-authorized/)
      expect(wrong.output()).not.to.contain('not the secret')
    })

    it('is found by the account’s login without configuration (XEP-0030)', async () => {
      component = await startComponent(server.secret, online)
      for (const who of ['faust', 'mephisto'] as const) {
        const env = { ...server.environment, JABBERFS_CONFIG: join(dir, `${who}.toml`) }
        const args = ['login', `${who}@localhost`, '--service', server.service, '--state', join(dir, who)]
        const login = command(args, env, `${passwords[who]}\n`)
        expect(await code(login), login.output()).to.equal(0)
        expect(login.output()).to.contain('files.localhost')
      }
    })

    it('is looked at by the doctor, who says what to do in the words of this server', async () => {
      const doctor = as('faust', '--json', 'doctor')
      expect(await code(doctor), doctor.output()).to.equal(0)
      const turn = doctor.reports.find((each) => each.report === 'finding' && each.leg === 'turn')
      const hint = name === 'ejabberd' ? /mod_stun_disco/ : /XEP-0215/
      expect((turn as { todo?: string }).todo).to.match(hint)
    })

    it('20 MB go on after kill -9 of the receiver, and arrive as they were (P7)', async () => {
      const file = makeFile('walpurgis.bin', 20_000_000)
      const first = await receiver('mephisto', '--from', 'faust@localhost', '--into', into)
      const sending = as('faust', '--json', 'send', file, 'mephisto@localhost')
      const release = holdBack(sending)
      await first.until(
        (report) => report.report === 'progress' && report.bytes > 0 && report.bytes < report.total,
      )
      first.kill('SIGKILL')
      await first.ended
      const second = await receiver('mephisto', '--from', 'faust@localhost', '--into', into, '--once')
      release()
      expect(await code(sending), sending.output()).to.equal(0)
      expect(await code(second), second.output()).to.equal(0)
      const progress = second.reports.find(kind('progress'))!
      expect(progress.resumedFrom, second.output()).to.be.greaterThan(0)
      expect(readdirSync(into)).to.deep.equal(['walpurgis.bin'])
      expect(sum(join(into, 'walpurgis.bin'))).to.equal(sum(file))
    })

    // jabberd2 has no proxy.
    const withProxy = name === 'ejabberd' ? it : () => {}
    withProxy('5 MB go through its own proxy where no address may be told (XEP-0065, case 69)', async () => {
      const file = makeFile('hexenkueche.bin', 5_000_000)
      const relayed = ['--from', 'faust@localhost', '--into', into, '--once', '--path', 'relay']
      const receiving = await receiver('mephisto', ...relayed)
      const sending = as('faust', '--json', 'send', '--path', 'relay', file, 'mephisto@localhost')
      expect(await code(sending), sending.output()).to.equal(0)
      expect(await code(receiving), receiving.output()).to.equal(0)
      expect(sum(join(into, 'hexenkueche.bin'))).to.equal(sum(file))
      for (const side of [sending, receiving]) {
        const last = side.reports.findLast(kind('progress')) as Extract<Report, { report: 'progress' }>
        expect(last.path?.kind, side.output()).to.equal('proxy')
      }
    })

    it('the component is killed and comes back, and those who were there work on (P7, P19)', async () => {
      const receiving = await receiver('mephisto', '--from', 'faust@localhost', '--into', into)
      component.kill('SIGKILL')
      await component.ended
      const file = makeFile('again.bin', 100_000)
      const early = as('faust', '--json', 'send', file, 'mephisto@localhost')
      expect(await code(early), early.output()).to.equal(6)
      expect(early.reports.find(kind('error')), early.output()).to.include({ code: 'component-away' })
      component = await startComponent(server.secret, online)
      const sending = as('faust', '--json', 'send', file, 'mephisto@localhost')
      expect(await code(sending), sending.output()).to.equal(0)
      await receiving.until(kind('finished'))
      expect(sum(join(into, 'again.bin'))).to.equal(sum(file))
    })

    it('an offer waits on the component for somebody who is not there, over its kill -9 (P7)', async () => {
      const file = makeFile('late.bin', 100_000)
      const sending = as('faust', '--json', 'send', file, 'mephisto@localhost')
      await sending.until((report) => report.report === 'state' || report.report === 'transfer')
      component.kill('SIGKILL')
      await component.ended
      component = await startComponent(server.secret, online)
      const receiving = await receiver('mephisto', '--from', 'faust@localhost', '--into', into, '--once')
      expect(await code(sending), sending.output()).to.equal(0)
      expect(await code(receiving), receiving.output()).to.equal(0)
    })
  })
}
