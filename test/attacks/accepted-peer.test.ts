/** A malicious device that a person said yes to, or that said yes, against the plugin. */

import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { expect } from 'chai'
import { type FileTransfer, fileTransfer } from '../../client-plugin/index.js'
import { createClientEntity, type XmppEntity } from '../../wire/index.js'
import { type Device, newOfferId, Stage, someFile, token } from '../component/stage.js'

describe('an accepted peer', function () {
  this.timeout(180_000)
  const dir = mkdtempSync(join(tmpdir(), 'jabberfs-attack-'))
  let stage: Stage
  let evil: Device
  let entity: XmppEntity
  let files: FileTransfer

  before(async () => {
    stage = await Stage.open()
  })
  after(async () => {
    await stage.close()
    rmSync(dir, { recursive: true, force: true })
  })

  let named = 0
  beforeEach(async () => {
    const name = `victim${++named}`
    evil = await stage.device(`evil${named}`)
    stage.prosody.addUser(name, 'password')
    entity = createClientEntity({
      jid: `${name}@localhost`,
      password: 'password',
      service: stage.prosody.service,
    })
    files = fileTransfer(entity, {
      component: stage.domain,
      state: join(dir, name),
      allowLoopback: true,
      offersFrom: 'everybody',
      listen: { host: '127.0.0.1' },
    })
    await entity.start()
    await files.ready
  })
  afterEach(async () => {
    await files.stop()
    await entity.stop()
  })

  /** A port on every address of this machine; gives the addresses that were dialled. */
  async function everywhere() {
    const dialled = new Set<string>()
    const server = createServer((socket) => {
      dialled.add(socket.localAddress!)
      socket.destroy()
    })
    server.listen(0, '0.0.0.0')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const way = (net: string) => ({
      kind: 'listening' as const,
      candidates: [1, 2, 3, 4].map((n) => ({ kind: 'host' as const, ip: `${net}.${n}`, port })),
    })
    return { dialled, way, close: () => server.close() }
  }

  async function sends(name: string) {
    const path = join(dir, name)
    writeFileSync(path, 'hello')
    const transfer = await files.send(evil.bare, [path])
    transfer.finished.catch(() => {})
    const { sid } = await evil.next('offer')
    return { transfer, sid: sid! }
  }

  it('makes a sender dial at most 16 addresses a day, however many attempts it opens (case 67, P12)', async () => {
    const { dialled, way, close } = await everywhere()
    const { sid } = await sends('a.txt')
    await evil.say('accept', {
      sid,
      attempt: 1,
      way: way('127.0.1'),
      token: token(),
      append: false,
      files: [],
    })
    for (let attempt = 2; attempt <= 6; attempt++) {
      await pause(1_200)
      const words = { sid, attempt, way: way(`127.0.${attempt}`), token: token(), filebytesdone: 0 }
      await evil.say('append', words)
    }
    await pause(1_200)
    // On a busy machine nothing of it may have come yet.
    while (dialled.size === 0) await pause(100)
    close()
    expect(dialled.size).to.be.within(1, 16)
  })

  it('makes a receiver dial at most 16 addresses a day, however many attempts it ends (case 67, P12)', async () => {
    const { dialled, way, close } = await everywhere()
    files.on('offer', async (offer) => {
      const transfer = await offer.accept({ into: dir })
      transfer.finished.catch(() => {})
    })
    evil.onDelivery = ({ action, value }) => {
      if (action !== 'accept' && action !== 'append') return
      const { sid, attempt } = value
      const answer = async () => {
        await evil.say('listening', { sid: sid!, attempt, way: way(`127.1.${attempt}`) } as never)
        await pause(900)
        for (let twice = 0; twice < 2; twice++) await evil.say('timeout', { sid: sid!, attempt })
      }
      answer().catch(() => {})
    }
    await evil.say('offer', {
      id: newOfferId(),
      peer: entity.jid!.bare().toString(),
      files: [someFile()],
      every: false,
    })
    const until = performance.now() + 7_000
    while (dialled.size === 0 || (dialled.size <= 16 && performance.now() < until)) await pause(100)
    close()
    expect(dialled.size).to.be.within(1, 16)
  })

  it('cannot make a sender believe in another root than the one it offered (P1, P6)', async () => {
    const { transfer, sid } = await sends('b.txt')
    await evil.say('accept', {
      sid,
      attempt: 1,
      way: { kind: 'connecting' },
      token: token(),
      append: false,
      files: [],
    })
    await evil.say('complete', { sid, attempt: 1, root: new Uint8Array(32).fill(9) }).catch(() => {})
    const outcome = await Promise.race([
      transfer.finished.catch(() => undefined),
      pause(3_000, undefined, { ref: false }),
    ])
    expect(outcome?.root).not.to.equal('09'.repeat(32))
  })

  it('is declined with `policy` when it offers two files as one (P8)', async () => {
    const shown: string[] = []
    files.on('offer', ({ filename }) => shown.push(filename))
    const both = [someFile('seen.txt'), { ...someFile('unseen.exe'), filesize: 2 ** 40 }]
    await evil.say('offer', {
      id: newOfferId(),
      peer: entity.jid!.bare().toString(),
      files: both,
      every: false,
    })
    const declined = await Promise.race([evil.heard.next(), pause(90_000, undefined, { ref: false })])
    expect(shown).to.deep.equal([])
    expect(declined?.action).to.equal('decline')
  })
})
