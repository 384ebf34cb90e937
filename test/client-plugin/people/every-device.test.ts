/** A person with three devices, on a real Prosody: the first takes an offer, or each does. */

import { readdirSync } from 'node:fs'
import { expect } from 'chai'
import type { Transfer } from '../../../client-plugin/index.js'
import { type Device, digestOf, endOf, Stage, shows } from './stage.js'

describe('an offer to a person with three devices', function () {
  this.timeout(180_000)
  let stage: Stage
  let faust: Device
  let desk: Device
  let phone: Device
  let tablet: Device
  let files = 0

  before(async () => {
    stage = await new Stage().open()
    stage.prosody.befriend('faust', 'mephisto')
    ;[faust, desk, phone, tablet] = await Promise.all([
      stage.device('faust', 'desk'),
      stage.device('mephisto', 'desk'),
      stage.device('mephisto', 'phone'),
      stage.device('mephisto', 'tablet'),
    ])
  })
  after(() => stage.close())

  async function offer(everyDevice: boolean, bytes = 100_000) {
    const name = `file-${++files}.bin`
    const { path, digest } = stage.file(name, bytes)
    const transfer = await faust.files.send(desk.jid, [path], { everyDevice })
    return { name, digest, transfer }
  }
  const codeOf = (transfer: Transfer) => transfer.trouble?.code

  it('reaches every one; the first to accept takes it, and the others are told so (P6)', async () => {
    const { name, digest, transfer } = await offer(false)
    const [onDesk, onPhone, onTablet] = await Promise.all([
      desk.offered(name),
      phone.offered(name),
      tablet.offered(name),
    ])
    const gone = (signal: AbortSignal) =>
      new Promise((resolve) => {
        if (signal.aborted) resolve(signal.reason.code)
        else signal.addEventListener('abort', () => resolve(signal.reason.code))
      })
    await onTablet.decline()
    const received = await onPhone.accept({ into: phone.into })
    expect(await gone(onDesk.gone)).to.equal('taken')
    expect(await endOf(transfer)).to.equal('complete')
    expect(digestOf((await received.finished).path)).to.equal(digest)
    expect(transfer.device).to.equal(await phone.files.device)
    expect([transfer.parts, transfer.isOver]).to.deep.equal([[], true])
    expect(desk.files.offers().map(({ filename }) => filename)).not.to.include(name)
  })

  it('is declined when all have said no, and not before', async () => {
    const { name, transfer } = await offer(false)
    const all = await Promise.all([desk, phone, tablet].map((device) => device.offered(name)))
    await all[0]!.decline()
    await all[1]!.decline()
    await faust.settled()
    expect(transfer.state).to.equal('proposed')
    await all[2]!.decline()
    expect(await endOf(transfer)).to.equal('declined')
  })

  it('with `everyDevice` goes to each that accepts: one transfer that is as far as the furthest of them', async () => {
    const { name, digest, transfer } = await offer(true)
    const parts: Transfer[] = []
    transfer.on('part', (part) => parts.push(part))
    const [onDesk, onPhone, onTablet] = await Promise.all([
      desk.offered(name),
      phone.offered(name),
      tablet.offered(name),
    ])
    await onDesk.decline()
    await faust.settled()
    expect(transfer.state).to.equal('proposed')
    const first = await onPhone.accept({ into: phone.into })
    expect(digestOf((await first.finished).path)).to.equal(digest)
    expect(await endOf(transfer)).to.equal('complete')
    expect([transfer.state, transfer.isOver, transfer.parts.length]).to.deep.equal(['complete', false, 1])
    // It stands for the others.
    const second = await onTablet.accept({ into: tablet.into })
    expect(digestOf((await second.finished).path)).to.equal(digest)
    expect(await Promise.all(parts.map(endOf))).to.deep.equal(['complete', 'complete'])
    const devices = await Promise.all([phone.files.device, tablet.files.device])
    expect(transfer.parts.map(({ device }) => device)).to.deep.equal(devices)
    expect(faust.files.transfers().filter(({ filename }) => filename === name)).to.deep.equal([transfer])
    await transfer.abort()
    expect([transfer.state, transfer.isOver]).to.deep.equal(['complete', true])
  })

  it('can be aborted for one device, and goes on with the others; or for all', async () => {
    const { name, transfer } = await offer(true, 32_000_000)
    const [onDesk, onPhone] = await Promise.all([desk.offered(name), phone.offered(name)])
    const toDesk = desk.into
    const accepted = new Promise<Transfer>((resolve) => transfer.once('part', resolve))
    const receiving = await onDesk.accept({ into: toDesk })
    const part = await accepted
    await part.abort()
    expect(await endOf(receiving)).to.equal('aborted-by-peer')
    await shows(transfer, (state) => state === 'proposed')
    const onward = await onPhone.accept({ into: phone.into })
    await onward.finished
    expect(await endOf(transfer)).to.equal('complete')
    expect(readdirSync(toDesk).filter((each) => !each.startsWith('.'))).to.deep.equal([])
    const onTablet = await tablet.offered(name)
    await transfer.abort()
    expect(transfer.isOver).to.equal(true)
    expect(await endOf((await desk.files.transfer(receiving.key))!)).to.equal('aborted-by-peer')
    await new Promise<void>((resolve) => {
      if (onTablet.gone.aborted) resolve()
      else onTablet.gone.addEventListener('abort', () => resolve())
    })
  })

  it('is served to a device that comes when the author was ended and began again (P19)', async () => {
    const { name, digest, transfer } = await offer(true)
    const { id } = transfer
    await desk.offered(name)
    await desk.stop()
    const onPhone = await phone.offered(name)
    await (await onPhone.accept({ into: phone.into })).finished
    expect(await endOf(transfer)).to.equal('complete')
    await faust.restart()
    const again = faust.files.transfer(id)!
    expect([again.state, again.parts.length, again.isOver]).to.deep.equal(['complete', 1, false])
    await faust.stop()
    await stage.stopComponent()
    await stage.startComponent()
    await desk.start()
    // It was brought once; whoever begins again is shown it again.
    await desk.files.resume()
    const accepted = await (await desk.offered(name)).accept({ into: desk.into })
    // Nobody is there; and then he is, without anybody's resuming it.
    await faust.start()
    expect(digestOf((await accepted.finished).path)).to.equal(digest)
    const whole = faust.files.transfer(id)!
    await shows(whole, (state) => state === 'complete')
    expect(whole.parts.map(codeOf)).to.deep.equal([undefined, undefined])
    await whole.abort()
    expect(faust.files.transfers().filter(({ isOver }) => !isOver)).to.deep.equal([])
    // What has ended is listed as the one that it was, with what each device has of it, also by who begins again.
    const ended = () => faust.files.ended().find((transfer) => transfer.id === id)
    expect(ended()).to.equal(whole)
    await faust.restart()
    expect(ended()).to.include({ state: 'complete', isOver: true })
    expect(ended()!.parts.map(({ state }) => state)).to.deep.equal(['complete', 'complete'])
  })
})
