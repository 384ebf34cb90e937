/** The plugin on an entity that is not its own: a stock client of @xmpp, with handlers of somebody else. */

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
// @ts-expect-error its types do not work with nodenext
import { client } from '@xmpp/client'
import { expect } from 'chai'
import { type FileTransfer, fileTransfer, type XmppEntity } from '../../client-plugin/index.js'
import { type RunningComponent, startComponent } from '../../component/index.js'
import { parseXml } from '../../schemas/index.js'
import { type PrivateProsody, startProsody } from '../../scripts/private-prosody.js'
import { request } from '../../wire/index.js'
import { digestOf, randomFile } from '../scenarios/stage.js'

type Stock = XmppEntity & { iqCallee: { get(ns: string, name: string, handler: () => unknown): void } }

describe('the plugin on a stock client', function () {
  this.timeout(180_000)
  const dir = mkdtempSync(join(tmpdir(), 'jabberfs-beside-'))
  let prosody: PrivateProsody
  let component: RunningComponent
  const entities: Stock[] = []
  const plugins: FileTransfer[] = []

  async function peer(name: string) {
    prosody.addUser(name, 'secret')
    const { service, componentDomain } = prosody
    const entity: Stock = client({ service, domain: 'localhost', username: name, password: 'secret' })
    entity.on('error', () => undefined)
    entity.iqCallee.get('urn:example:greeting', 'hello', () =>
      parseXml("<hello xmlns='urn:example:greeting'/>"),
    )
    const files = fileTransfer(entity, {
      component: componentDomain,
      state: join(dir, name),
      allowLoopback: true,
      offersFrom: 'everybody',
      listen: { host: '127.0.0.1' },
    })
    entities.push(entity)
    plugins.push(files)
    await entity.start()
    await files.ready
    return { entity, files }
  }

  before(async () => {
    prosody = await startProsody({ iterations: 100 })
    const { componentDomain: domain, componentService: server, secret } = prosody
    component = await startComponent({
      domain,
      server,
      secret,
      state: join(dir, 'component'),
      logLevel: 'silent',
    })
    await component.online
  })
  after(async () => {
    await Promise.all(plugins.map((files) => files.stop()))
    await Promise.all(entities.map((entity) => entity.stop()))
    await component.stop()
    await prosody.stop()
    rmSync(dir, { recursive: true })
  })

  it('sends and receives, gives its progress as an iterator, and leaves the other handlers alone', async () => {
    const faust = await peer('faust')
    const mephisto = await peer('mephisto')
    const into = join(dir, 'into')
    mkdirSync(into)
    mephisto.files.on('offer', (offer) => offer.accept({ into }))
    const { path, digest } = randomFile(dir, 'my_girl.jpg', 3_000_000)
    const transfer = await faust.files.send('mephisto@localhost', [path], { description: 'from yesterday' })
    const seen: number[] = []
    for await (const progress of transfer) seen.push(progress.bytes)
    expect(seen.at(-1)).to.equal(3_000_000)
    await transfer.finished
    expect(digestOf(join(into, 'my_girl.jpg'))).to.equal(digest)

    const to = String(mephisto.entity.jid)
    const payload = parseXml("<hello xmlns='urn:example:greeting'/>")
    const answer = await request(faust.entity, { to, type: 'get', payload })
    expect(answer?.name).to.equal('hello')
  })

  it('is added once to an entity, and leaves the folder free where it cannot be added', () => {
    const options = { component: prosody.componentDomain, state: join(dir, 'twice') }
    const codeOf = () => {
      try {
        fileTransfer(entities[0]!, options)
      } catch (error) {
        return (error as { code: string }).code
      }
      return 'fine'
    }
    expect(codeOf()).to.equal('bad-option')
    expect(codeOf()).to.equal('bad-option')
  })

  it('hands a listener’s fault to `trouble`, and goes on', async () => {
    const [faust, mephisto] = plugins as [FileTransfer, FileTransfer]
    mephisto.removeAllListeners('offer')
    const told = new Promise((resolve) => mephisto.once('trouble', resolve))
    mephisto.on('offer', async (offer) => {
      await offer.accept({ into: join(dir, 'nowhere') })
    })
    const { path } = randomFile(dir, 'second.jpg', 1_000)
    await faust.send('mephisto@localhost', [path])
    expect(await told).to.include({ code: 'no-such-folder' })
    await mephisto.offers()[0]!.decline()
  })

  it('aborts what a signal says, before and after the offer was recorded', async () => {
    const [faust] = plugins as [FileTransfer]
    const { path } = randomFile(dir, 'third.jpg', 1_000)
    const codeOf = (promise: Promise<unknown>) =>
      promise.then(
        () => 'fine',
        ({ code }) => code,
      )
    const before = faust.send('gretchen@localhost', [path], { signal: AbortSignal.abort() })
    expect(await codeOf(before)).to.equal('cancelled')
    const stop = new AbortController()
    const transfer = await faust.send('gretchen@localhost', [path], { signal: stop.signal })
    stop.abort()
    expect(await codeOf(transfer.finished)).to.equal('aborted')
  })
})
