/** `login` on a real server: which component it takes, and what it says where it cannot log in. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { readAccountFile, writeAccountFile } from '../../cli/account.js'
import { startCommand } from '../../scripts/child-command.js'
import { type Playground, startPlayground } from '../../scripts/playground.js'
import { startProsody } from '../../scripts/private-prosody.js'

describe('login', function () {
  this.timeout(180_000)
  let ground: Playground
  let dir: string
  let config: string
  before(async () => {
    ground = await startPlayground()
  })
  after(() => ground.stop())
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'jabberfs-login-'))
    config = join(dir, 'account.toml')
  })
  afterEach(() => rmSync(dir, { recursive: true, force: true }))

  const run = async (args: string[], env: Record<string, string> = {}) => {
    const input = `${ground.faust.password}\n`
    const child = startCommand(args, { env: { JABBERFS_CONFIG: config, ...env }, cwd: dir, input })
    const { code } = await child.ended
    return { code, text: child.output(), reports: child.reports }
  }
  const login = (...more: string[]) =>
    run(['login', ground.faust.jid, '--service', ground.prosody.service, ...more])
  const remembered = () => readAccountFile(config)?.component
  const right = () => ground.prosody.componentDomain

  it('takes no component that is none: it ends with 6, names the one there is, and changes nothing', async () => {
    for (const wrong of ['file.localhost', 'localhost']) {
      const { code, text } = await login('--component', wrong)
      expect(code, text).to.equal(6)
      expect(text).to.contain(wrong).and.to.contain(`the server lists ${right()}`)
      expect(text).not.to.contain('files go through')
      // What answers is not away.
      expect(text.includes('--no-check')).to.equal(wrong === 'file.localhost')
      expect(readAccountFile(config)).to.equal(undefined)
    }
    const byEnvironment = await run(['login', ground.faust.jid, '--service', ground.prosody.service], {
      JABBERFS_COMPONENT: 'file.localhost',
    })
    expect(byEnvironment).to.include({ code: 6 })
    expect(await login('--component', right())).to.include({ code: 0 })
    // One that is away can be set all the same.
    expect(await login('--no-check', '--component', 'file.localhost')).to.include({ code: 0 })
    expect(remembered()).to.equal('file.localhost')
  })

  it('replaces a remembered one that does not answer by the one there is, and says so', async () => {
    const { jid, password } = ground.faust
    const mistype = () => writeAccountFile(config, { jid, password, component: 'file.localhost' })
    mistype()
    const { code, text } = await login()
    expect(code, text).to.equal(0)
    expect(text).to.contain(`file.localhost does not answer; it is replaced by ${right()}`)
    expect(text).to.contain(`files go through ${right()}`)
    expect(remembered()).to.equal(right())
    mistype()
    const { reports } = await login('--json')
    expect(reports.at(-1)).to.include({ report: 'account', component: right(), instead: 'file.localhost' })
    expect((await login()).text).not.to.contain('replaced')
  })

  it('keeps a remembered one that is away where there is no other, and ends with 6', async () => {
    const prosody = await startProsody({ iterations: 100, users: { faust: ground.faust.password } })
    try {
      const { jid, password } = ground.faust
      writeAccountFile(config, { jid, password, component: right() })
      const { code, text } = await run(['login', jid, '--service', prosody.service])
      expect(code, text).to.equal(6)
      expect(text).to.contain(right()).and.to.contain('the account is set all the same')
      expect(remembered()).to.equal(right())
      const away = await run(['peers'], { JABBERFS_STATE: join(dir, 'state') })
      expect(away).to.include({ code: 6 })
      expect(away.text).to.contain(right())
    } finally {
      await prosody.stop()
    }
  })

  it('names its own option where the server says nothing', async () => {
    const sockets = new Set<Socket>()
    const server = createServer((socket) => sockets.add(socket.on('error', () => {})))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    try {
      const service = `xmpp://127.0.0.1:${(server.address() as { port: number }).port}`
      const { code, text } = await run(['login', ground.faust.jid, '--service', service])
      expect(code, text).to.equal(5)
      expect(text).to.contain('--service xmpp://HOST:PORT').and.not.to.contain('JABBERFS_SERVICE')
    } finally {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    }
  })

  it('and every other command say that the server ended it where that offers no way to log in', async () => {
    const prosody = await startProsody({ noLogin: true, iterations: 100, users: { faust: 'x' } })
    try {
      const env = { JABBERFS_SERVICE: prosody.service, JABBERFS_STATE: join(dir, 'state') }
      const words = 'ended the connection before a log in was possible (undefined-condition)'
      const first = await run(['login', ground.faust.jid], env)
      expect(first.code, first.text).to.equal(5)
      expect(first.text).to.contain(words).and.to.contain('log says why')
      writeAccountFile(config, { jid: ground.faust.jid, password: 'x' })
      for (const command of ['peers', 'doctor']) {
        const { code, text } = await run([command], env)
        expect(code, text).to.equal(5)
        expect(text).to.contain(words).and.not.to.contain('cannot be reached')
      }
      expect(readFileSync(prosody.log, 'utf8')).to.contain('No stream features')
    } finally {
      await prosody.stop()
    }
  })
})
