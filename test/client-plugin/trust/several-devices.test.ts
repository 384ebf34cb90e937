/** Who has several devices: each is judged alone, also where an offer is for every one of them, or comes from oneself. */

import { expect } from 'chai'
import type { UnknownDevice } from '../../../client-plugin/index.js'
import { type Device, endOf, Stage, shows } from '../people/stage.js'

describe('a person with several devices', function () {
  this.timeout(180_000)
  let stage: Stage
  let desk: Device
  let phone: Device

  before(async () => {
    stage = await new Stage().open()
    stage.prosody.befriend('faust', 'mephisto')
    ;[desk, phone] = await Promise.all([stage.device('mephisto', 'desk'), stage.device('mephisto', 'phone')])
  })
  after(() => stage.close())

  const asked = (device: Device) =>
    new Promise<UnknownDevice>((resolve) => device.files.once('device', resolve))

  it('is asked about with the second that accepts an offer to every one; the first has it meanwhile', async () => {
    const faust = await stage.device('faust', 'desk', { trust: 'first-use' })
    const transfer = await faust.files.send(desk.jid, [stage.file('a.bin').path], { everyDevice: true })
    const onDesk = await desk.offered('a.bin')
    await (await onDesk.accept({ into: desk.into })).finished
    const question = asked(faust)
    const received = await (await phone.offered('a.bin')).accept({ into: phone.into })
    const { device, known, transfers, trust } = await question
    expect(device).to.equal(await phone.files.device)
    expect(known.map((each) => each.device)).to.deep.equal([await desk.files.device])
    expect(transfers).to.deep.equal([transfer.parts[1]])
    await trust({ verified: true })
    expect(await endOf(received)).to.equal('complete')
    expect(faust.files.trust.known(desk.jid).map(({ standing }) => standing)).to.deep.equal([
      'first-use',
      'verified',
    ])
    await transfer.abort()
  })

  it('is asked about where one of them sends to another of one’s own', async () => {
    const tablet = await stage.device('mephisto', 'tablet', { trust: 'first-use' })
    const question = asked(tablet)
    const transfer = await tablet.files.send(phone.jid, [stage.file('b.bin').path], {
      device: await phone.files.device,
    })
    const received = await (await phone.offered('b.bin')).accept({ into: phone.into })
    const { peer, known, refuse } = await question
    expect([peer, known]).to.deep.equal([tablet.jid, []])
    await refuse()
    expect(await endOf(received)).to.equal('aborted-by-peer')
    await shows(transfer, (state) => state === 'aborted')
  })
})
