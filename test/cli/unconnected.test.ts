/**
 * Two processes of one account while the server cannot be reached: who goes through the other hears what that one hears, with nothing begun;
 * and a daemon that waits for the server waits for other commands too. The server is a port of ours: shut, silent, or the way to a real one.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { writeAccountFile } from '../../cli/account.js'
import { openDoor } from '../../cli/holder/door.js'
import { Journal } from '../../client-plugin/journal/journal.js'
import { type ChildCommand, startCommand } from '../../scripts/child-command.js'
import { freePort } from '../../scripts/free-port.js'
import { type Playground, startPlayground } from '../../scripts/playground.js'
import { kind } from './reports.js'

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

describe('two commands of one account without a server', function () {
  this.timeout(120_000)
  let dir: string
  let config: string
  let state: string
  let port: number
  let server: Server | undefined
  const sockets = new Set<Socket>()
  const children: ChildCommand[] = []
  let ground: Playground

  before(async () => {
    ground = await startPlayground()
  })
  after(() => ground.stop())
  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), 'jabberfs-unconnected-'))
    config = join(dir, 'faust.toml')
    state = join(dir, 'state')
    port = await freePort()
    const { jid, password } = ground.faust
    const { componentDomain: component } = ground.prosody
    writeAccountFile(config, { jid, password, service: `xmpp://127.0.0.1:${port}`, component, state })
  })
  afterEach(async () => {
    for (const child of children) child.kill('SIGKILL')
    await Promise.all(children.splice(0).map(({ ended }) => ended))
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => (server === undefined ? resolve(0) : server.close(resolve)))
    server = undefined
    rmSync(dir, { recursive: true, force: true })
  })

  const start = (...args: string[]): ChildCommand => {
    const child = startCommand(args, { env: { JABBERFS_CONFIG: config }, cwd: dir })
    children.push(child)
    return child
  }
  /** @param leadOn what is done with who comes */
  const open = (leadOn: (socket: Socket) => void): Promise<void> =>
    new Promise((resolve) => {
      server = createServer((socket) => {
        sockets.add(socket)
        socket.on('error', () => {})
        leadOn(socket)
      })
      server.listen(port, '127.0.0.1', resolve)
    })
  const toTheServer = (socket: Socket): void => {
    const { hostname, port: real } = new URL(ground.prosody.service)
    const other = connect(Number(real), hostname)
    other.on('error', () => socket.destroy())
    sockets.add(other)
    socket.pipe(other).pipe(socket)
  }
  const called = () => new Promise<void>((resolve) => server!.once('connection', () => resolve()))

  it('what is ordered through one that cannot connect ends as that one does, and nothing is begun', async () => {
    await open(() => {})
    const call = called()
    const holder = start('serve')
    await call
    const key = '5'.repeat(32)
    const orders = [['abort', key], ['resume'], ['search', 'girl'], ['send', config, ground.mephisto.jid]]
    const through = orders.map((order) => start('--json', ...order))
    const local = start('path')
    expect((await local.ended).code, local.output()).to.equal(0)
    const undecided = start('search', 'girl')
    await wait(1_000)
    undecided.kill('SIGINT')
    expect((await undecided.ended).code, undecided.output()).to.equal(130)
    for (const child of through) {
      expect((await child.ended).code, child.output()).to.equal(5)
      expect(child.reports.find(kind('error'))).to.include({ code: 'server-unreachable' })
      expect(child.reports.map(({ report }) => report)).not.to.include('relayed')
    }
    expect(holder.output()).to.contain('It is tried again by itself')
    holder.kill('SIGTERM')
    expect((await holder.ended).code, holder.output()).to.equal(0)
  })

  it('what is ordered of one that is interrupted before it is connected is done by who ordered it', async () => {
    await open(() => {})
    const call = called()
    const holder = start('search', 'girl')
    await call
    const through = start('--json', 'search', 'girl')
    await wait(1_000)
    const anew = called()
    holder.kill('SIGINT')
    expect((await holder.ended).code, holder.output()).to.equal(130)
    await anew
    expect((await through.ended).code, through.output()).to.equal(5)
  })

  it('a daemon that waits for the server waits for another command that began meanwhile, and goes on', async () => {
    const daemon = start('--json', 'serve')
    await daemon.until(kind('away'))
    let held: Journal | undefined
    // Each of its own tries has the folder for a moment.
    while (held === undefined) {
      try {
        held = new Journal(state)
      } catch {
        await wait(20)
      }
    }
    const door = await openDoor(state, async (_order, { report }) => {
      report({ report: 'relayed', pid: process.pid })
      return 0
    })
    expect(await daemon.until(kind('held-by-another'))).to.include({ pid: process.pid })
    // Longer than anybody who is at the keyboard would be kept waiting.
    await wait(3_000)
    expect(daemon.process.exitCode, daemon.output()).to.equal(null)
    await open(toTheServer)
    await door.close()
    held.close()
    expect(await daemon.until(kind('serving'))).to.include({ shares: 0 })
    daemon.kill('SIGTERM')
    expect((await daemon.ended).code, daemon.output()).to.equal(0)
  })

  it('a daemon does not wait out its pause when it is ended', async () => {
    const daemon = start('--json', 'serve')
    await daemon.until(kind('away'))
    // Pauses of 1, 2 and 4 s.
    await wait(4_000)
    const asked = performance.now()
    daemon.kill('SIGTERM')
    expect((await daemon.ended).code, daemon.output()).to.equal(0)
    expect(performance.now() - asked).to.be.lessThan(1_500)
  })

  it('what is ordered while the server says nothing is begun all the same, and waited for no longer than one wants', async () => {
    await open(toTheServer)
    const holder = start('--json', 'serve')
    await holder.until(kind('serving'))
    for (const socket of sockets) socket.unpipe().pause()
    const { jid } = ground.mephisto
    const interrupted = async (...args: string[]) => {
      const child = start('--json', ...args)
      await child.until(kind('relayed'))
      await wait(300)
      child.kill('SIGINT')
      await child.ended
      return child
    }
    const offered = await interrupted('send', config, jid)
    expect(await offered.ended, offered.output()).to.include({ code: 130 })
    const failed = offered.reports.find(kind('failed'))!
    expect(failed).to.include({ code: 'stopped', state: 'proposed', resumable: true })
    const asked = await interrupted('get', jid, 'girl.jpg')
    expect(await asked.ended, asked.output()).to.include({ code: 130 })
    const aborted = await interrupted('abort', failed.key)
    expect(aborted.reports.find(kind('transfer')), aborted.output()).to.include({ state: 'aborting' })
    const patient = start('send', config, jid, '--wait', '0')
    expect(await patient.ended, patient.output()).to.include({ code: 18 })
    expect(patient.output()).to.contain('The offer stands')
  })
})
