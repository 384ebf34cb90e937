/** What has ended is listed with everything that has, also what was got by its content, by whoever had it. */

import { appendFileSync, copyFileSync, existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { type Device, endOf, Stage } from './stage.js'

describe('transfers that have ended', function () {
  this.timeout(120_000)
  let stage: Stage
  let faust: Device
  let mephisto: Device

  before(async () => {
    stage = await new Stage().open()
    stage.prosody.befriend('faust', 'mephisto')
    faust = await stage.device('faust', 'desk')
    mephisto = await stage.device('mephisto', 'desk', { sourceDeadlineMs: 2_000 })
  })
  after(() => stage.close())

  const keysOf = (most?: number) => mephisto.files.ended(most).map(({ key }) => key)

  it('are listed, newest first, with what was got by content; what belongs to such a one is not counted', async () => {
    const { path } = stage.file('sent.bin')
    await faust.files.send(mephisto.jid, [path])
    const sent = await (await mephisto.offered('sent.bin')).accept({ into: mephisto.into })
    const { root, path: received } = await sent.finished
    // Got by its content from who shares it, so by a request that is a part of it.
    const folder = faust.into
    copyFileSync(path, join(folder, 'shared.bin'))
    const { id } = await faust.files.shares.add(folder)
    await faust.files.shares.current(id)
    const got = await mephisto.files.get({ root }, { into: mephisto.into })
    const { path: placed } = await got.finished
    rmSync(received)
    await faust.files.shares.remove(id)
    appendFileSync(path, 'more')
    // Asked for by its content, and nobody has it any more.
    const refused = await mephisto.files.again(sent.key)
    expect(await endOf(refused)).to.equal('declined')
    const keys = [refused.key, got.key, sent.key]
    expect(keysOf()).to.deep.equal(keys)
    expect(mephisto.files.ended()).to.include.members([refused, got])

    await mephisto.restart()
    expect(keysOf()).to.deep.equal(keys)
    for (const most of [1, 2, 3]) expect(keysOf(most)).to.deep.equal(keys.slice(0, most))
    const [declined, complete] = mephisto.files.ended()
    expect([declined!.state, declined!.isOver, await endOf(declined!)]).to.deep.equal([
      'declined',
      true,
      'declined',
    ])
    expect(await complete!.finished).to.deep.equal({ path: placed, root, bytes: 100_000, bytesMoved: 0 })
    expect(complete).to.include({ state: 'complete', isOver: true, peer: faust.jid, filesize: 100_000 })
    expect(complete!.progress.bytes).to.equal(100_000)
    expect(mephisto.files.transfer(got.key)).to.equal(complete)
    expect(existsSync(placed)).to.equal(true)
  })
})
