/** The private Prosody of tests, demo and benches: it starts anywhere, comes back, and leaves nothing behind. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect } from 'chai'
import { portAllowed } from '../../protocol/ports.js'
import { freePort } from '../../scripts/free-port.js'
import { startProsody } from '../../scripts/private-prosody.js'
import { reviving } from '../../scripts/reviving.js'

// The stock client has no types; a computed name keeps the compiler from looking for them.
const { client } = await import('@xmpp/client' as string)

/** Logs in with the stock client and out again. */
async function login(service: string, username: string, password: string): Promise<string> {
  const xmpp = client({ service, domain: 'localhost', username, password, resource: 'check' })
  xmpp.on('error', () => {})
  try {
    return String(await xmpp.start())
  } finally {
    await xmpp.stop()
  }
}

describe('the private Prosody', function () {
  this.timeout(180_000)

  it('starts on free ports, several at once, and takes the accounts it is given', async () => {
    const servers = await Promise.all([startProsody(), startProsody(), startProsody()])
    try {
      expect(new Set(servers.flatMap((s) => [s.c2sPort, s.componentPort])).size).to.equal(6)
      const one = servers[0]!
      one.addUser('faust', 'heinrich ä')
      expect(await login(one.service, 'faust', 'heinrich ä')).to.equal('faust@localhost/check')
      const refusal = await login(one.service, 'faust', 'wrong').catch((error: Error) => error.name)
      expect(refusal).to.equal('SASLError')
    } finally {
      await Promise.all(servers.map((s) => s.stop()))
    }
    for (const server of servers) expect(existsSync(server.dir)).to.equal(false)
  })

  it('comes back after a kill with the same ports and accounts', async () => {
    const server = await startProsody({ users: { 'a.b-c': 'x' } })
    try {
      await server.kill()
      await server.restart()
      expect(await login(server.service, 'a.b-c', 'x')).to.equal('a.b-c@localhost/check')
      await server.restart()
      expect(await login(server.service, 'a.b-c', 'x')).to.equal('a.b-c@localhost/check')
    } finally {
      await server.stop()
    }
  })

  it('of `npm start` is started again when it ends unasked, with one line that says so; at the second time at once it stays away', async () => {
    const lines: string[] = []
    let said = (_: string) => {}
    const revival = reviving((line) => {
      lines.push(line)
      said(line)
    }, Number.POSITIVE_INFINITY)
    const server = await startProsody({ users: { faust: 'x' }, onEnded: revival.onEnded })
    try {
      revival.watch(server)
      const back = new Promise<string>((resolve) => {
        said = resolve
      })
      process.kill(server.pid!, 'SIGKILL')
      expect(await back).to.match(/^Prosody ended \(SIGKILL\), and has been started again/)
      expect(await login(server.service, 'faust', 'x')).to.equal('faust@localhost/check')
      revival.onEnded('exit code 1')
      expect(await revival.failed.catch((error: Error) => error.message)).to.match(
        /ended again \(exit code 1\)/,
      )
      revival.stop()
      await server.kill()
      expect(lines).to.have.length(1)
    } finally {
      await server.stop()
    }
  })

  it('ends when its parent is killed with -9, and its folder goes at the next start', async () => {
    // In a place of its own, since every start of anybody removes what it finds.
    const env = { ...process.env, TMPDIR: mkdtempSync(join(tmpdir(), 'jabberfs-leftovers-')) }
    try {
      const parent = script(`${importing} console.log(JSON.stringify(await startProsody()))`, env)
      const { pid, dir } = JSON.parse(await parent.line) as { pid: number; dir: string }
      parent.process.kill('SIGKILL')
      await once(parent.process, 'exit')
      await gone(pid)
      expect(existsSync(dir)).to.equal(true)
      const next = script(`${importing} await startProsody(); console.log('up')`, env)
      expect(await next.line).to.equal('up')
      expect(existsSync(dir)).to.equal(false)
      next.process.kill('SIGKILL')
      await once(next.process, 'exit')
    } finally {
      rmSync(env.TMPDIR, { recursive: true, force: true, maxRetries: 10 })
    }
  })

  it('leaves the folder of one that runs where processes are counted otherwise, as in a container', async () => {
    const env = { ...process.env, TMPDIR: mkdtempSync(join(tmpdir(), 'jabberfs-leftovers-')) }
    try {
      const own = script(`${importing} console.log(JSON.stringify(await startProsody()))`, env)
      const { dir } = JSON.parse(await own.line) as { dir: string }
      const theirs = dir.replace(/p\d+-\d+-/, `p1-${own.process.pid}-`)
      expect(theirs).to.not.equal(dir)
      own.process.kill('SIGKILL')
      await once(own.process, 'exit')
      mkdirSync(theirs)
      const next = script(`${importing} await startProsody(); console.log('up')`, env)
      expect(await next.line).to.equal('up')
      expect([existsSync(dir), existsSync(theirs)]).to.deep.equal([false, true])
      next.process.kill('SIGKILL')
      await once(next.process, 'exit')
    } finally {
      rmSync(env.TMPDIR, { recursive: true, force: true, maxRetries: 10 })
    }
  })

  it('gets ports that nobody else gets, in this process or another, though nobody listens there yet', async () => {
    const asking = `import { freePort } from ${JSON.stringify(new URL('../../scripts/free-port.js', import.meta.url).href)}
      const ports = []
      for (let n = 0; n < 300; n++) ports.push(await freePort())
      console.log(JSON.stringify(ports))`
    const both = [script(asking), script(asking)]
    const ports = (await Promise.all(both.map(({ line }) => line))).flatMap((line) => JSON.parse(line))
    for (const { process } of both) process.kill('SIGKILL')
    expect(new Set(ports).size).to.equal(600)
    expect(ports.filter((port) => !portAllowed(port))).to.deep.equal([])
  })

  it('gets no port where another service is usual, though it is free', async () => {
    const drawn = await freePort(27_017, 27_020).catch((error: Error) => error.message)
    expect(drawn).to.match(/no free port/)
  })
})

const importing = `import { startProsody } from ${JSON.stringify(new URL('../../scripts/private-prosody.js', import.meta.url).href)}
`

/** A process of its own that does this and then stays; what it says first. */
function script(text: string, env = process.env) {
  const child = spawn(
    process.execPath,
    ['--input-type=module', '-e', `${text}\nsetInterval(() => {}, 1000)`],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
      env,
    },
  )
  const lines = createInterface({ input: child.stdout })
  const line = new Promise<string>((resolve, reject) => {
    lines.once('line', resolve).once('close', () => reject(new Error('it ended without a word')))
  })
  return { process: child, line }
}

/** Resolves when the process has ended (a zombie that nobody waits for has); the test's own timeout is the limit. */
async function gone(pid: number): Promise<void> {
  while (existsSync(`/proc/${pid}`) && !/^State:\s+Z/m.test(statusOf(pid))) {
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

function statusOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8')
  } catch {
    return 'State: Z'
  }
}
