/**
 * People of two servers, with a component at one of them: two Prosodys that find each other by a DNS of our own and dialback. Not part
 * of `npm test`: `npm run test:servers`.
 */
import { createHash, randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as moment } from 'node:timers/promises'
import { expect } from 'chai'
import { type ChildCommand, startCommand } from '../../scripts/child-command.js'
import { holdBack } from '../../scripts/hold-back.js'
import { kind } from '../cli/reports.js'
import { type FederatedProsody, startFederated } from './federated-prosody.js'
import { type Names, startNames } from './names.js'

const people = ['alice@one.example', 'bob@two.example', 'carol@two.example'] as const
type Person = (typeof people)[number]

describe('people of two servers', function () {
  this.timeout(60_000)
  let names: Names
  let one: FederatedProsody
  let two: FederatedProsody
  let dir: string
  const children: ChildCommand[] = []
  const password = randomBytes(9).toString('hex')

  before(async function () {
    names = await startNames()
    const started = await startFederated('one.example', names)
    if (started === undefined) {
      console.error(
        '\n!!! prosody IS NOT INSTALLED, NOTHING WAS TRIED WITH TWO SERVERS: `npm run setup` names it\n',
      )
      this.skip()
    }
    one = started
    two = (await startFederated('two.example', names))!
    dir = mkdtempSync(join(tmpdir(), 'jabberfs-two-servers-'))
    for (const jid of people) {
      const [name = '', domain] = jid.split('@')
      const contacts = people.filter((other) => other !== jid)
      ;(domain === one.domain ? one : two).addUser(name, password, contacts)
      mkdirSync(join(dir, jid))
    }
    const state = join(dir, 'component')
    mkdirSync(state, { mode: 0o700 })
    const lines = { domain: 'files.one.example', server: one.componentService, state, secret: one.secret }
    const text = Object.entries(lines).map(([key, value]) => `${key} = ${JSON.stringify(value)}\n`)
    writeFileSync(join(dir, 'component.toml'), text.join(''), { mode: 0o600 })
    await command(['component', '--config', join(dir, 'component.toml')], {}).untilPrinted('"msg":"online"')
  })
  after(async () => {
    for (const child of children) child.kill('SIGKILL')
    await Promise.all(children.map(({ ended }) => ended))
    await Promise.all([one?.stop(), two?.stop()])
    names?.close()
    if (dir !== undefined) rmSync(dir, { recursive: true, force: true })
  })
  afterEach(function () {
    if (this.currentTest?.state !== 'failed') return
    for (const server of [one, two]) console.error(server.log().trim().split('\n').slice(-15).join('\n'))
  })

  const command = (args: string[], env: Record<string, string>, input?: string): ChildCommand => {
    const child = startCommand(args, { env, cwd: dir, ...(input === undefined ? {} : { input }) })
    children.push(child)
    return child
  }
  const as = (who: Person, ...args: string[]) =>
    command(['--json', ...args], { JABBERFS_CONFIG: join(dir, `${who}.toml`) })
  const login = (who: Person, ...more: string[]) => {
    const { service } = who.endsWith(one.domain) ? one : two
    const args = ['login', who, '--service', service, '--state', join(dir, who, 'state'), ...more]
    return command(args, { JABBERFS_CONFIG: join(dir, `${who}.toml`) }, `${password}\n`)
  }
  const receiver = async (who: Person) => {
    const child = as(who, 'receive', '--from', 'contacts', '--into', join(dir, who), '--once')
    await child.until(kind('listening'))
    return child
  }
  const code = async (child: ChildCommand) => (await child.ended).code
  const makeFile = (name: string, bytes: number): string => {
    writeFileSync(join(dir, name), randomBytes(bytes))
    return join(dir, name)
  }
  const sum = (...path: string[]) =>
    createHash('sha256')
      .update(readFileSync(join(...path)))
      .digest('hex')
  const arrives = async (name: string, sending: ChildCommand, receiving: ChildCommand, to: Person) => {
    expect(await code(sending), sending.output()).to.equal(0)
    expect(await code(receiving), receiving.output()).to.equal(0)
    expect(sum(dir, to, name)).to.equal(sum(dir, name))
  }

  it('find the component of their own server, and name that of another', async () => {
    const alice = login('alice@one.example')
    expect(await code(alice), alice.output()).to.equal(0)
    const unnamed = login('bob@two.example')
    expect(await code(unnamed), unnamed.output()).to.equal(6)
    for (const who of ['bob@two.example', 'carol@two.example'] as const) {
      const named = login(who, '--component', 'files.one.example')
      expect(await code(named), named.output()).to.equal(0)
      expect(named.output()).to.contain('files.one.example')
    }
  })

  it('send each other files from one server to the other, and inside the other', async () => {
    for (const [from, to] of [
      ['alice@one.example', 'bob@two.example'],
      ['bob@two.example', 'alice@one.example'],
      ['bob@two.example', 'carol@two.example'],
    ] as const) {
      const receiving = await receiver(to)
      const name = `${from} to ${to}`
      await arrives(name, as(from, 'send', makeFile(name, 300_000), to), receiving, to)
    }
  })

  it('are told that the catalogue serves others, where it does', async () => {
    const searching = as('bob@two.example', 'search', 'walpurgis')
    expect(await code(searching), searching.output()).to.equal(6)
    expect(searching.output()).to.contain('catalogue.users')
  })

  it('get what moves while the other server is killed, and is back', async () => {
    const receiving = await receiver('bob@two.example')
    const file = makeFile('walpurgis.bin', 20_000_000)
    const sending = as('alice@one.example', 'send', file, 'bob@two.example')
    const release = holdBack(sending)
    await receiving.until((report) => report.report === 'progress' && report.bytes > 0)
    await two.kill()
    await receiving.until(kind('away'))
    release()
    await two.restart()
    await arrives('walpurgis.bin', sending, receiving, 'bob@two.example')
  })

  it('get what was offered while their servers did not reach each other, as soon as they do', async () => {
    const receiving = await receiver('bob@two.example')
    for (const { border } of [one, two]) border.close()
    const sending = as('alice@one.example', 'send', makeFile('late.bin', 1_000), 'bob@two.example')
    await sending.until(kind('state'))
    // Until the server has said that it does not reach the other.
    while (!one.log().includes('failed outgoing connection to two.example')) await moment(50)
    for (const { border } of [one, two]) border.open()
    await arrives('late.bin', sending, receiving, 'bob@two.example')
  })
})
