/** The private Prosody of tests, demo and benches: it starts anywhere, comes back, and leaves nothing behind. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { expect } from 'chai'
import { startProsody } from '../../scripts/private-prosody.js'

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
  this.timeout(90_000)

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

  it('ends when its parent is killed with -9, and its folder goes at the next start', async () => {
    const script = `import { startProsody } from ${JSON.stringify(new URL('../../scripts/private-prosody.js', import.meta.url).href)}
      const s = await startProsody()
      console.log(JSON.stringify({ pid: s.pid, dir: s.dir }))
      setInterval(() => {}, 1000)`
    const parent = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [line] = await once(parent.stdout, 'data')
    const { pid, dir } = JSON.parse(String(line)) as { pid: number; dir: string }
    parent.kill('SIGKILL')
    await once(parent, 'exit')
    await gone(pid)
    expect(existsSync(dir)).to.equal(true)
    await (await startProsody()).stop()
    expect(existsSync(dir)).to.equal(false)
  })
})

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
