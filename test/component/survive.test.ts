/** The component's server goes and comes back; its disk is full and is not; and what it says it is. */

import { execFileSync } from 'node:child_process'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { nsDiscoInfo, nsDiscoItems, nsTransfer, nsVersion, xml } from '../../schemas/index.js'
import { formOf, readDiscoInfo } from '../../schemas/xep/disco-info.js'
import { ping } from '../../schemas/xep/ping.js'
import { readVersion } from '../../schemas/xep/version.js'
import { type Device, newOfferId, refusalOf, Stage, someFile, token } from './stage.js'

describe('the component as a service', () => {
  let stage: Stage
  let faust: Device
  let mephisto: Device

  before(async () => {
    stage = await Stage.open()
    faust = await stage.device('faust')
    mephisto = await stage.device('mephisto')
  })
  after(() => stage.close())

  const offering = () => ({ id: newOfferId(), peer: mephisto.bare, every: false, files: [someFile()] })
  const secretWay = {
    kind: 'listening' as const,
    candidates: [{ ip: '198.51.100.77', port: 48_667, kind: 'host' as const }],
  }

  it('says what it is and what its limits are (XEP-0030, 0128, 0092, 0199)', async () => {
    const info = readDiscoInfo((await faust.ask(xml('query', { xmlns: nsDiscoInfo }), 'get'))!)
    expect(info.identities).to.deep.equal([{ category: 'store', type: 'file', name: 'jabberFS' }])
    expect(info.features).to.include.members([
      nsDiscoInfo,
      nsDiscoItems,
      nsTransfer,
      nsVersion,
      'urn:xmpp:ping',
    ])
    expect(formOf(info, nsTransfer)).to.include.keys('max-file-size', 'max-pending-per-peer')
    const items = await faust.ask(xml('query', { xmlns: nsDiscoItems }), 'get')
    expect(items!.getChildren('item')).to.deep.equal([])
    expect(readVersion((await faust.ask(xml('query', { xmlns: nsVersion }), 'get'))!).name).to.equal(
      'jabberFS',
    )
    expect(await faust.ask(ping(), 'get')).to.equal(undefined)
    const node = xml('query', { xmlns: nsDiscoInfo, node: 'no such node' })
    expect(await refusalOf(faust.ask(node, 'get'))).to.equal('item-not-found/cancel')
  })

  it('has no address and no token in its database while a transfer runs (P22)', async () => {
    await faust.say('offer', offering())
    const { sid } = await mephisto.next('offer')
    const secret = token()
    // Faust's device is slow to answer: what is for it lies in the store.
    const held: (() => void)[] = []
    faust.onDelivery = () => new Promise<void>((resolve) => held.push(resolve))
    await mephisto.say('accept', { sid, attempt: 1, way: secretWay, token: secret, append: false, files: [] })
    const files = ['component.sqlite', 'component.sqlite-wal'].map((name) =>
      readFileSync(join(stage.state, name)),
    )
    const bytes = Buffer.concat(files)
    expect(bytes.includes(sid!)).to.equal(true)
    expect(bytes.includes('198.51.100.77')).to.equal(false)
    expect(bytes.includes(Buffer.from(secret).toString('base64'))).to.equal(false)
    faust.onDelivery = () => {}
    await faust.ask(ping(), 'get')
    for (const release of held) release()
    expect((await faust.next('accept')).way).to.deep.equal(secretWay)
  })

  it('knows who is here after its own restart, without their saying anything (P19)', async () => {
    await stage.component.stop()
    await stage.startComponent()
    await faust.say('offer', offering())
    const { sid } = await mephisto.next('offer')
    await mephisto.say('decline', { sid, block: false, over: false })
    expect(await faust.next('decline')).to.include({ sid })
  })

  it('is back after its server was killed, with what was pending (case 36, P19)', async function () {
    this.timeout(180_000)
    const { id } = offering()
    await faust.say('offer', { ...offering(), id, peer: 'absent@localhost' })
    const disconnected = new Promise((resolve) => faust.entity.on('disconnect', resolve))
    await stage.prosody.kill()
    await disconnected
    await Promise.all([faust.entity.stop(), mephisto.entity.stop()])
    await stage.prosody.restart()
    // Whoever comes first may find the component still on its way back.
    const absent = await stage.client('absent')
    while ((await refusalOf(absent.ask(ping(), 'get'))) !== 'result') {
      // The server answers for it until then.
    }
    await absent.logIn()
    expect(await absent.next('offer')).to.include({ id })
    faust = await stage.device('faust', faust.id)
    mephisto = await stage.device('mephisto', mephisto.id)
  })

  describe('on a disk that is full (case 58, P20)', () => {
    it('says "later" to everybody, and goes on when there is space', async function () {
      this.timeout(180_000)
      await stage.component.stop()
      try {
        execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=16m', 'tmpfs', stage.state], { stdio: 'ignore' })
      } catch {
        // Only root has a file system to fill.
        await stage.startComponent()
        this.skip()
      }
      try {
        await stage.startComponent()
        for (const device of [faust, mephisto]) await device.logIn()
        const ballast = join(stage.state, 'ballast')
        try {
          for (let size = 16 * 2 ** 20; size >= 1; size >>= 1)
            writeFileSync(ballast, Buffer.alloc(size), { flag: 'a' })
        } catch {
          // As full as it gets.
        }
        let outcome = 'result'
        while (outcome === 'result') {
          outcome = await faust.refused('offer', {
            ...offering(),
            desc: 'x'.repeat(1_000),
            peer: `${newOfferId()}@localhost`,
          })
        }
        expect(outcome).to.equal('resource-constraint/wait retry')
        expect(await refusalOf(faust.ask(ping(), 'get'))).to.equal('result')
        rmSync(ballast)
        while ((await faust.refused('offer', offering())) !== 'result') {
          // It tries its disk every two seconds.
        }
        await mephisto.next('offer')
      } finally {
        await stage.component.stop()
        execFileSync('umount', [stage.state])
        await stage.startComponent()
      }
    })
  })
})
