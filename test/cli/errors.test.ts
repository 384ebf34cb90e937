/** Bad input gets one line that says what is wrong and what to do, the right exit code, and loses nothing. */
import { spawnSync } from 'node:child_process'
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer as createTlsServer } from 'node:tls'
import { expect } from 'chai'
import { createDeviceIdentity } from '../../link/index.js'
import { type ChildCommand, commandFile, startCommand } from '../../scripts/child-command.js'
import { type Playground, startPlayground } from '../../scripts/playground.js'
import { freePort } from '../../scripts/private-prosody.js'

describe('what goes wrong for the person at the command', function () {
  this.timeout(180_000)
  let ground: Playground
  let dir: string
  const mounted: string[] = []
  before(async () => {
    ground = await startPlayground()
    dir = mkdtempSync(join(tmpdir(), 'jabberfs-cli-'))
    writeFileSync(join(dir, 'small.txt'), 'Habe nun, ach!')
  })
  after(async () => {
    await ground.stop()
    for (const place of mounted) spawnSync('umount', [place])
    rmSync(dir, { recursive: true, force: true })
  })

  const children: ChildCommand[] = []
  afterEach(async () => {
    for (const child of children) child.kill('SIGKILL')
    await Promise.all(children.splice(0).map(({ ended }) => ended))
    // What one test left unfinished is not for the next to resume.
    for (const { state } of [ground.faust, ground.mephisto]) rmSync(state, { recursive: true, force: true })
  })

  const start = (args: string[], options: Parameters<typeof startCommand>[1]): ChildCommand => {
    const child = startCommand(args, options)
    children.push(child)
    return child
  }

  /** Runs a command to its end. @returns its exit code and all it printed, after checking that it is plain. */
  const run = async (args: string[], env: Record<string, string> = {}, input?: string) => {
    const child = start(args, {
      env: { JABBERFS_CONFIG: ground.faust.config, ...env },
      cwd: dir,
      ...(input === undefined ? {} : { input }),
    })
    const { code } = await child.ended
    const text = child.output()
    expect(text, 'nothing that a terminal obeys').not.to.match(/(?!\n)\p{Cc}/u)
    expect(text).not.to.contain(ground.faust.password)
    return { code, text, lines: text.trim().split('\n') }
  }
  const small = () => join(dir, 'small.txt')

  it('a command line that is wrong ends with 2', async () => {
    for (const args of [
      ['send', 'small.txt'],
      ['send', 'small.txt', 'nobody'],
      ['dance'],
      ['abort'],
      ['receive'],
      ['share', dir, '--tag', 'rock&roll'],
      ['search', '--tag', 'two words'],
      ['login', 'faust'],
      ['login', 'faust@goethe.example', '--service', 'http://goethe.example'],
    ]) {
      const { code, lines } = await run(args)
      expect(code, args.join(' ')).to.equal(2)
      expect(lines, args.join(' ')).to.have.length(1)
      expect(lines[0]).to.match(/^jabberfs: .+\. .+/)
    }
  })

  it('a wrong command line is told which help to see, and what the right one is where that is plain', async () => {
    expect((await run(['get', '--dance'])).text).to.contain('See `jabberfs get --help`')
    // Ids of before, and files, may begin with one.
    expect((await run(['unshare', '-abcdefgh'])).text).to.contain('comes after `--`.')
    expect((await run(['unshare', '--', '-abcdefgh'])).text).not.to.contain('option')
    expect((await run(['dance'])).text).to.contain('See `jabberfs --help`.')
    expect((await run(['--help'])).text).to.match(/^ {2}send FILE… JID\[\/device\] {2,}offer files/m)
    const swapped = await run(['send', ground.mephisto.jid, 'small.txt'])
    expect(swapped).to.include({ code: 2 })
    expect(swapped.text).to.contain(`\`jabberfs send small.txt ${ground.mephisto.jid}\``)
  })

  it('no account, a broken file and a file that others can read end with 3', async () => {
    const none = await run(['transfers'], { JABBERFS_CONFIG: join(dir, 'none.toml') })
    expect(none).to.include({ code: 3 })
    expect(none.text).to.match(/no account.*jabberfs login/i)
    writeFileSync(join(dir, 'broken.toml'), 'jid = [', { mode: 0o600 })
    const broken = await run(['transfers'], { JABBERFS_CONFIG: join(dir, 'broken.toml') })
    expect(broken).to.include({ code: 3 })
    expect(broken.text).to.match(/not TOML/)
    writeFileSync(join(dir, 'open.toml'), 'jid = "a@b"\npassword = "x"', { mode: 0o644 })
    const open = await run(['transfers'], { JABBERFS_CONFIG: join(dir, 'open.toml') })
    expect(open).to.include({ code: 3 })
    expect(open.text).to.match(/chmod 600/)
  })

  it('a wrong password ends with 4', async () => {
    const { code, lines } = await run(['send', small(), ground.mephisto.jid], { JABBERFS_PASSWORD: 'wrong' })
    expect(code).to.equal(4)
    expect(lines).to.have.length(1)
    expect(lines[0]).to.match(/does not take this password.*jabberfs login/)
  })

  it('a server that is not there ends with 5', async () => {
    const service = `xmpp://127.0.0.1:${await freePort()}`
    const { code, text } = await run(['send', small(), ground.mephisto.jid], { JABBERFS_SERVICE: service })
    expect(code).to.equal(5)
    expect(text).to.match(/cannot be reached \(ECONNREFUSED\)/)
  })

  it('a server whose certificate nobody has signed ends with 5, and it says so', async () => {
    const { privateKeyPem: key, certificatePem: cert } = await createDeviceIdentity()
    const server = createTlsServer({ key, cert }, (socket) => socket.on('error', () => {}).end())
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()))
    try {
      const service = `xmpps://127.0.0.1:${(server.address() as { port: number }).port}`
      const { code, text } = await run(['peers'], { JABBERFS_SERVICE: service })
      expect(code).to.equal(5)
      expect(text).to.match(/certificate of the server .* not to be trusted \(.*CERT.*NODE_EXTRA_CA_CERTS/)
    } finally {
      await new Promise((resolve) => server.close(resolve))
    }
  })

  it('a component that the server does not know, or lists none of, ends with 6', async () => {
    const { code, text } = await run(['send', small(), ground.mephisto.jid], {
      JABBERFS_COMPONENT: 'nowhere.localhost',
      JABBERFS_STATE: join(dir, 'lost-state'),
    })
    expect(text).to.match(/component/)
    expect(code).to.equal(6)
  })

  it('a file that is missing, and a folder, end with 7, and the other files go all the same', async () => {
    const missing = await run(['send', join(dir, 'none.txt'), ground.mephisto.jid])
    expect(missing).to.include({ code: 7 })
    expect(missing.text).to.match(/no such file.*Check the path/)
    const sent = await run(['send', dir, ground.mephisto.jid])
    expect(sent).to.include({ code: 7 })
    expect(sent.text).to.match(/not a regular file.*`jabberfs share DIR`/)
    writeFileSync(join(dir, 'two\nlines'), 'x')
    const odd = await run(['send', join(dir, 'two\nlines'), ground.mephisto.jid])
    expect(odd).to.include({ code: 7 })
    expect(odd.lines.at(-1)).to.match(/two\\x0alines\. Rename the file/)
    expect(await run(['receive', '--from', '*', '--into', join(dir, 'none')])).to.include({ code: 7 })
  })

  it('a folder that nothing can be put into ends `receive` with 7 before anybody offers anything', async function () {
    const closed = join(dir, 'closed')
    mkdirSync(closed, { mode: 0o555 })
    // What may not be written to, root writes to all the same.
    if (process.getuid?.() === 0) {
      if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'ro', 'tmpfs', closed]).status !== 0) this.skip()
      mounted.push(closed)
    }
    const ended = await run(['receive', '--from', 'contacts', '--into', closed])
    expect(ended).to.include({ code: 7 })
    expect(ended.text).to.contain(`nothing can be put into the folder ${closed}. Name one`)
    expect(await run(['serve', '--from', 'contacts', '--into', closed])).to.include({ code: 7 })
  })

  it('no way to the other device ends with 8, resumable', async () => {
    const into = join(dir, 'unreached')
    mkdirSync(into)
    // A small file would still go inside XMPP.
    const direct = { JABBERFS_LISTEN: 'no', JABBERFS_PATH: 'direct' }
    const apart = { ...direct, JABBERFS_LINK_SECONDS: '1', JABBERFS_GIVE_UP_AFTER: '1' }
    const receiver = start(['--json', 'receive', '--from', ground.faust.jid, '--into', into, '--once'], {
      env: { JABBERFS_CONFIG: ground.mephisto.config, ...apart },
    })
    await receiver.until(({ report }) => report === 'listening')
    const sender = start(['--json', 'send', small(), ground.mephisto.jid], {
      env: { JABBERFS_CONFIG: ground.faust.config, ...apart },
    })
    expect((await receiver.ended).code, receiver.output()).to.equal(8)
    expect(receiver.reports.at(-1)).to.include({ report: 'failed', code: 'unreachable', resumable: true })
    sender.kill()
    await sender.ended
  })

  it('a full disk ends with 11, and nothing is lost (case 95)', async function () {
    const full = join(dir, 'full')
    mkdirSync(full)
    // Only root may make a disk that is full.
    if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', full]).status !== 0) {
      console.warn('      skipped: a small disk needs the right to mount one')
      this.skip()
    }
    mounted.push(full)
    writeFileSync(join(dir, 'large.bin'), Buffer.alloc(4 * 1024 * 1024, 7))
    const env = { JABBERFS_CONFIG: ground.mephisto.config }
    const receiver = start(['receive', '--from', ground.faust.jid, '--into', full, '--once'], { env })
    const sender = start(['send', join(dir, 'large.bin'), ground.mephisto.jid], {
      env: { JABBERFS_CONFIG: ground.faust.config },
    })
    expect((await receiver.ended).code, receiver.output()).to.equal(11)
    // Nothing has begun that could be resumed.
    expect(receiver.output()).to.match(/large\.bin from .*not enough free space/)
    expect(receiver.output()).to.match(/then begin `jabberfs receive` again: it is still offered/)
    sender.kill()
    await sender.ended
  })

  it('a state folder that another program holds ends with 13', async () => {
    const holder = start(['--json', 'receive', '--from', '*'], {
      env: { JABBERFS_CONFIG: ground.faust.config, JABBERFS_STATE: join(dir, 'held') },
      cwd: dir,
    })
    await holder.until(({ report }) => report === 'listening')
    // A program that uses the library holds the folder without a door.
    rmSync(join(dir, 'held', 'door.sock'))
    const { code, text } = await run(['transfers'], { JABBERFS_STATE: join(dir, 'held') })
    expect(code).to.equal(13)
    expect(text).to.match(/Another process holds this state folder/)
    holder.kill()
    await holder.ended
  })

  it('a port in use ends with 14', async () => {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, resolve))
    const { port } = server.address() as { port: number }
    const { code, text } = await run(['receive', '--from', '*'], { JABBERFS_LISTEN: String(port) })
    server.close()
    expect(code).to.equal(14)
    expect(text).to.contain(`Port ${port} is in use`)
  })

  it('a transfer that nobody knows ends with 15', async () => {
    expect(await run(['abort', '0'.repeat(32)])).to.include({ code: 15 })
    const { code, text } = await run(['resume', '0'.repeat(32)])
    expect(code).to.equal(15)
    expect(text).to.contain('`jabberfs transfers` lists')
  })

  it('the component tells every fault of its configuration at once and ends with 3', async () => {
    const { code, text, lines } = await run(['component'], {
      JABBERFS_COMPONENT_SERVER: 'http://x',
      JABBERFS_COMPONENT_LOG_LEVEL: 'loud',
    })
    expect(code).to.equal(3)
    expect(lines).to.have.length(5 + 1)
    for (const word of ['domain', 'SERVER', 'LOG_LEVEL', 'state', 'secret']) expect(text).to.contain(word)
  })

  it('login writes the account that it has tried, and keeps the old one when the password is wrong', async () => {
    const config = join(dir, 'login', 'account.toml')
    const { jid, password } = ground.mephisto
    const args = ['login', jid, '--service', ground.prosody.service]
    const wrong = await run(args, { JABBERFS_CONFIG: config }, 'wrong\n')
    expect(wrong).to.include({ code: 4 })
    const right = await run(args, { JABBERFS_CONFIG: config }, `${password}\n`)
    expect(right.code, right.text).to.equal(0)
    expect(right.text).to.contain(ground.prosody.componentDomain)
    expect(await run(['transfers'], { JABBERFS_CONFIG: config, XDG_STATE_HOME: dir })).to.include({ code: 0 })
  })

  it('login takes the server and the component from the environment, too, and writes them', async () => {
    const config = join(dir, 'elsewhere', 'account.toml')
    const { jid, password } = ground.mephisto
    const env = { JABBERFS_CONFIG: config, JABBERFS_SERVICE: ground.prosody.service }
    const { code, text } = await run(['login', jid], env, `${password}\n`)
    expect(code, text).to.equal(0)
    expect(readFileSync(config, 'utf8')).to.contain(`service = "${ground.prosody.service}"`)
    const wrong = await run(['login', jid], { ...env, JABBERFS_SERVICE: 'ftp://x' }, `${password}\n`)
    expect(wrong).to.include({ code: 2 })
    expect(wrong.text).to.contain('JABBERFS_SERVICE')
  })

  it('an output that cannot be written ends with 11 and one line', () => {
    const full = openSync('/dev/full', 'w')
    const { status, stderr } = spawnSync(process.execPath, [commandFile, '--help'], {
      stdio: ['ignore', full, 'pipe'],
      encoding: 'utf8',
    })
    closeSync(full)
    expect(status).to.equal(11)
    expect(stderr).to.match(/^jabberfs: The output cannot be written \(ENOSPC\)\..*\n$/)
  })

  it('as JSON an error is one object with a stable code', async () => {
    const { code, lines } = await run(['--json', 'send', join(dir, 'none.txt'), ground.mephisto.jid])
    expect(code).to.equal(7)
    const reports = lines.map((line) => JSON.parse(line) as Record<string, unknown>)
    expect(reports.at(-1)).to.include({ report: 'error', code: 'file-missing' })
    expect(reports.at(-1)!.todo).to.be.a('string')
  })
})
