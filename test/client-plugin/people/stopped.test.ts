/** What a plugin leaves in a program that goes on: nothing that listens, nothing that waits for ever. */

import { EventEmitter, getEventListeners } from 'node:events'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { expect } from 'chai'
import { type FileTransferError, fileTransfer, type XmppEntity } from '../../../client-plugin/index.js'
import { type Device, Stage, shows } from './stage.js'

/** Who listens for what. */
function listenersOf(entity: XmppEntity): Record<string, number> {
  const emitter = entity as unknown as EventEmitter
  const names = EventEmitter.prototype.eventNames.call(emitter)
  return Object.fromEntries(names.map((name) => [String(name), emitter.listenerCount(name)]).sort())
}

const codeOf = (call: Promise<unknown>) =>
  Promise.race([
    call.then(
      () => 'done',
      ({ code }: FileTransferError) => code,
    ),
    delay(2_000, 'waits', { ref: false }),
  ])

describe('in a program that goes on', function () {
  this.timeout(120_000)
  let stage: Stage
  let faust: Device
  let mephisto: Device

  before(async () => {
    stage = await new Stage().open()
    stage.prosody.befriend('faust', 'mephisto')
    faust = await stage.device('faust', 'desk')
    mephisto = await stage.device('mephisto', 'desk')
  })
  after(() => stage.close())

  it('a plugin that cannot be added, since there is one, leaves nothing behind', async () => {
    const unhandled: unknown[] = []
    const note = (why: unknown) => unhandled.push(why)
    process.on('unhandledRejection', note)
    const before = listenersOf(faust.entity)
    const options = { component: stage.prosody.componentDomain, state: join(stage.dir, 'second') }
    expect(() => fileTransfer(faust.entity, options))
      .to.throw()
      .with.property('code', 'bad-option')
    await faust.settled()
    expect(listenersOf(faust.entity)).to.deep.equal(before)
    expect(unhandled).to.deep.equal([])
    process.off('unhandledRejection', note)
  })

  it('a plugin that is stopped at once leaves its folder as the next one needs it', async () => {
    const wagner = await stage.device('wagner', 'desk')
    await wagner.files.stop()
    const options = { component: stage.prosody.componentDomain, state: join(stage.dir, 'at-once') }
    for (let times = 0; times < 3; times++) await fileTransfer(wagner.entity, options).stop()
    const next = fileTransfer(wagner.entity, options)
    await next.ready
    await next.stop()
  })

  it('what a window takes away when it is closed is its own, and an offer to every device is followed all the same', async () => {
    const { path } = stage.file('every.bin', 3_000_000)
    const whole = await faust.files.send(mephisto.jid, [path], { everyDevice: true })
    const states: string[] = []
    whole.on('state', (state) => states.push(state))
    whole.on('part', (part) => part.removeAllListeners())
    const received = await (await mephisto.offered('every.bin')).accept({ into: mephisto.into })
    await received.finished
    expect(await codeOf(whole.finished)).to.equal('done')
    expect(states).to.include('moving')
  })

  it('a signal that outlives what it was given to is let go', async () => {
    const { signal } = new AbortController()
    const { path } = stage.file('signal.bin')
    const sent = await faust.files.send(mephisto.jid, [path], { signal })
    const offer = await mephisto.offered('signal.bin')
    const received = await offer.accept({ into: mephisto.into, signal })
    await Promise.all([sent.finished, received.finished])
    const folder = await faust.files.shares.add(faust.into)
    await faust.files.shares.current(folder.id, signal)
    const listening = () => getEventListeners(signal, 'abort').length
    for (let tries = 0; tries < 50 && listening() > 0; tries++) await delay(10)
    expect(listening()).to.equal(0)
  })

  it('whatever is asked of what is in hand when the plugin has stopped is answered so, at once', async () => {
    const { path } = stage.file('large.bin', 60_000_000)
    const every = await mephisto.files.send(faust.jid, [path], { everyDevice: true })
    const sent = await mephisto.files.send(faust.jid, [path], { hashFirst: false })
    await (await faust.offered('large.bin')).decline()
    const { path: small } = stage.file('small.bin')
    await faust.files.send(mephisto.jid, [small])
    const offer = await mephisto.offered('small.bin')
    const { path: other } = stage.file('other.bin', 60_000_000)
    await faust.files.send(mephisto.jid, [other])
    const received = await (await mephisto.offered('other.bin')).accept({ into: mephisto.into })
    await shows(received, (state) => state !== 'linking')
    await mephisto.files.stop()
    for (const transfer of [every, sent, received]) {
      const { state } = transfer
      expect(await codeOf(transfer.pause())).to.equal('stopped')
      expect(await codeOf(transfer.resume())).to.equal('stopped')
      expect(await codeOf(transfer.abort())).to.equal('stopped')
      expect(transfer.state).to.equal(state)
    }
    expect(await codeOf(offer.decline())).to.equal('stopped')
    expect(await codeOf(offer.accept({ into: mephisto.into }))).to.not.equal('waits')
  })
})
