/** `diagnose`: each leg is looked at, none stops another, and what does not work is said with what to do. */

import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import {
  createClientEntity,
  type FileTransfer,
  type FileTransferOptions,
  type Finding,
  fileTransfer,
  type Leg,
  type Verdict,
  type XmppEntity,
} from '../../client-plugin/index.js'
import { type RunningComponent, type StartConfig, startComponent } from '../../component/index.js'
import { freePort, type PrivateProsody, startProsody } from '../../scripts/private-prosody.js'
import { findProgram } from '../../scripts/tied-process.js'
import { type PrivateCoturn, privateCoturn } from '../link/nat/private-coturn.js'

const secret = 'a-long-random-word'

describe('a diagnosis', function () {
  this.timeout(180_000)
  let dir: string
  let coturn: PrivateCoturn | undefined
  let prosody: PrivateProsody
  let component: RunningComponent | undefined
  let entity: XmppEntity
  let files: FileTransfer | undefined

  const begin = async (options: Partial<FileTransferOptions> = {}): Promise<FileTransfer> => {
    await files?.stop()
    files = fileTransfer(entity, {
      component: prosody.componentDomain,
      state: join(dir, 'state'),
      allowLoopback: true,
      listen: { host: '127.0.0.1' },
      ...options,
    })
    return files
  }
  const startOwn = async (options: Partial<StartConfig> = {}): Promise<void> => {
    await component?.stop()
    const { componentDomain: domain, componentService: server, secret } = prosody
    const state = join(dir, 'component')
    component = await startComponent({ domain, server, secret, state, logLevel: 'silent', ...options })
    await component.online
  }
  const startServer = async (options: Parameters<typeof startProsody>[0]): Promise<void> => {
    dir = mkdtempSync(join(tmpdir(), 'jabberfs-diagnosis-'))
    prosody = await startProsody({ iterations: 100, users: { faust: 'secret' }, ...options })
    const { service } = prosody
    await startOwn()
    entity = createClientEntity({ jid: 'faust@localhost', password: 'secret', service })
    entity.on('error', () => {})
    await entity.start()
  }
  const stopServer = async (): Promise<void> => {
    await files?.stop()
    files = undefined
    await entity.stop()
    await component?.stop()
    component = undefined
    await prosody.stop()
    rmSync(dir, { recursive: true, force: true })
  }
  const verdicts = (findings: readonly Finding[]): Partial<Record<Leg, Verdict>> =>
    Object.fromEntries(findings.map(({ leg, verdict }) => [leg, verdict]))
  const of = (findings: readonly Finding[], wanted: Leg): Finding =>
    findings.find(({ leg }) => leg === wanted)!

  describe('on a server that gives relays', () => {
    const hasCoturn = findProgram('turnserver') !== undefined
    before(async () => {
      if (hasCoturn) coturn = await privateCoturn(secret)
      await startServer({
        proxies: ['proxy.localhost'],
        ...(coturn && { turn: { port: coturn.port, secret } }),
      })
    })
    after(async () => {
      await stopServer()
      await coturn?.stop()
    })

    it('finds all of it well, through each relay to itself, and says each leg once', async () => {
      const transfer = await begin()
      await transfer.ready
      const heard: Leg[] = []
      const findings = await transfer.diagnose({ onFinding: ({ leg }) => heard.push(leg) })
      const well = ['account', 'component', 'clock', 'state', 'listening', 'proxy'] as const
      for (const leg of well) expect(of(findings, leg), leg).to.include({ verdict: 'works', leg })
      if (hasCoturn) {
        expect(of(findings, 'turn')).to.include({ verdict: 'works' })
        // These are about others, and whom we could ask is on this very machine.
        for (const leg of ['outer-address', 'from-outside'] as const)
          expect(of(findings, leg)).to.include({ verdict: 'skipped' })
      }
      expect([...heard].sort()).to.deep.equal(findings.map(({ leg }) => leg).sort())
      expect(new Set(heard).size).to.equal(11)
      // Sentences go into reports to others: addresses are in the facts only.
      for (const { says, todo = '' } of findings) expect(says + todo).not.to.match(/\d+\.\d+\.\d+\.\d+|::/)
    })

    it('opens no port and asks nobody for its address where only relays are allowed', async () => {
      const findings = await (await begin({ path: 'relay' })).diagnose()
      for (const leg of ['lists', 'listening', 'mapping', 'from-outside', 'outer-address'] as const) {
        expect(of(findings, leg), leg).to.include({ verdict: 'skipped' })
      }
      expect(of(findings, 'proxy')).to.include({ verdict: 'works' })
    })

    it('goes on with the other legs while the component is away, and without a port', async () => {
      await component?.stop()
      component = undefined
      const findings = await (await begin({ listen: { host: '192.0.2.1' } })).diagnose()
      expect(verdicts(findings)).to.include({ account: 'works', state: 'works', proxy: 'works' })
      expect(of(findings, 'component')).to.include({ verdict: 'fails' })
      expect(of(findings, 'component').todo).to.match(/secret/)
      expect(of(findings, 'listening')).to.include({ verdict: 'fails' })
      expect(of(findings, 'mapping')).to.include({ verdict: 'skipped' })
    })
  })

  describe('on a server that gives none', () => {
    before(() => startServer({}))
    after(stopServer)

    it('names the line that is missing in the server’s configuration', async () => {
      const findings = await (await begin()).diagnose()
      expect(of(findings, 'proxy')).to.include({ verdict: 'absent' })
      expect(of(findings, 'proxy').todo).to.contain('Component "proxy.localhost" "proxy65"')
      expect(of(findings, 'turn')).to.include({ verdict: 'absent' })
      expect(of(findings, 'turn').todo).to.contain('turn_external_tcp = true')
    })

    it('tells why a large folder is slow to be published, and brings no list to find out', async () => {
      const of = async (options: Partial<FileTransferOptions> = {}) => {
        const transfer = await begin(options)
        await transfer.ready
        const found = await transfer.diagnose()
        return found.find(({ leg }) => leg === 'lists')!
      }
      const closed = await of()
      expect(closed).to.include({ verdict: 'absent' })
      expect([closed.says, closed.todo].join()).to.match(/small pieces.*list_port/)
      const listPort = await freePort()
      await startOwn({ listPort, listHost: '127.0.0.1' })
      expect(await of()).to.deep.include({ verdict: 'works', facts: { at: `127.0.0.1 ${listPort}` } })
      expect(await of({ linkDeadlineMs: 60_000 })).to.include({ verdict: 'works' })
      // Its address is one that this device does not dial.
      const unreached = await of({ allowLoopback: false })
      expect(unreached).to.include({ verdict: 'weak' })
      expect([unreached.says, unreached.todo].join()).to.match(/small pieces.*list_announce/)
      expect(readdirSync(join(dir, 'component', 'lists'))).to.deep.equal([])
      await startOwn()
    })

    it('says of a component that is none what it is, and tries the rest without a connection', async () => {
      const findings = await (await begin({ component: 'localhost' })).diagnose()
      expect(of(findings, 'component').says).to.contain('something else than a file transfer component')
      await entity.stop()
      const without = await (await begin()).diagnose()
      expect(verdicts(without)).to.include({
        account: 'fails',
        component: 'skipped',
        proxy: 'skipped',
        state: 'works',
      })
    })
  })
})
