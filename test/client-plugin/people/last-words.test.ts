/**
 * Who was away while the other side ended many transfers hears of each why, not only that it is over: the component answers what is asked at
 * the login before it has brought all that waits.
 */

import { expect } from 'chai'
import type { FileTransferOptions, Transfer } from '../../../client-plugin/index.js'
import { LastWord } from '../../../client-plugin/transfer/last-word.js'
import { actions, type Reason } from '../../../schemas/index.js'
import { request } from '../../../wire/index.js'
import { type Device, endOf, Stage, shows } from './stage.js'

/** Nothing moves: neither has a port, and nobody else's machine is taken. */
const standStill: Partial<FileTransferOptions> = { listen: false, path: 'direct' }
const count = 12

describe('who was away while the other side ended what had begun', function () {
  this.timeout(120_000)
  let stage: Stage
  let faust: Device
  let mephisto: Device

  before(async () => {
    stage = await new Stage().open()
    faust = await stage.device('faust', 'desk', standStill)
    mephisto = await stage.device('mephisto', 'desk', standStill)
    stage.prosody.befriend('faust', 'mephisto')
    await mephisto.restart()
  })
  after(() => stage.close())

  /** As many transfers as make the outbox slower than the answers. */
  async function begun(name: string): Promise<Transfer[]> {
    const paths = Array.from({ length: count }, (_, at) => stage.file(`${at}-${name}`, 1_000).path)
    const sent = await Promise.all(
      paths.map((path) => faust.files.send('mephisto@localhost', [path], { message: false })),
    )
    for (const at of sent.keys()) {
      await (await mephisto.offered(`${at}-${name}`)).accept({ into: mephisto.into })
    }
    await Promise.all(sent.map((transfer) => shows(transfer, (state) => state === 'waiting')))
    return sent
  }

  /** The device says itself that it is over, behind the back of its plugin. */
  async function say(device: Device, sids: readonly (string | undefined)[], reason: Reason): Promise<void> {
    const to = stage.prosody.componentDomain
    for (const sid of sids) {
      const payload = actions.abort.write({ sid: sid!, reason })
      await request(device.entity, { to, type: 'set', payload })
    }
  }

  const endsOf = async (device: Device, sids: readonly (string | undefined)[]): Promise<string[]> => {
    const transfers = sids.map((sid) => device.files.transfer(sid!)!)
    return Promise.all(transfers.map(endOf))
  }
  const each = (code: string) => Array.from({ length: count }, () => code)

  it('hears as the sender that the file is there already', async () => {
    const sids = (await begun('song.mp3')).map(({ sid }) => sid)
    await faust.stop()
    await say(mephisto, sids, 'exists')
    await faust.start()
    expect(await endsOf(faust, sids)).to.deep.equal(each('exists-there'))
  })

  it('hears as the receiver that the file is another now', async () => {
    const sids = (await begun('diary.txt')).map(({ sid }) => sid)
    await mephisto.stop()
    await say(faust, sids, 'source-changed')
    await mephisto.start()
    await mephisto.files.resume()
    expect(await endsOf(mephisto, sids)).to.deep.equal(each('source-changed'))
  })

  it('ends it all the same where no word comes, and not while nothing can come', async () => {
    let mayCome = false
    let ended = 0
    const word = new LastWord(() => mayCome, 1)
    const wait = () => new Promise((resolve) => setTimeout(resolve, 20))
    word.before('aborted', () => ended++)
    await wait()
    expect(ended).to.equal(0)
    mayCome = true
    word.before('aborted', () => ended++)
    word.before('aborted', () => ended++)
    await wait()
    expect(ended).to.equal(1)
    word.before('expired', () => ended++)
    expect(ended).to.equal(2)
  })
})
