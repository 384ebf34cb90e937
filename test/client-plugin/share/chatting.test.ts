/** People chat on the stream that their files are published through: where no list is taken, it takes half of what there is. */

import { expect } from 'chai'
import { ping } from '../../../schemas/xep/ping.js'
import { request } from '../../../wire/index.js'
import { type Person, put, Stage, until } from './stage.js'

describe('a share that is published by stanzas, on a server that allows 10 kB a second', function () {
  this.timeout(180_000)
  let stage: Stage
  let faust: Person

  before(async () => {
    stage = await new Stage().open({ rateLimits: true })
    faust = await stage.person('faust')
  })
  after(() => stage.close())

  it('goes in stanzas of at most 8 KiB at half the rate, and who chats meanwhile is not kept waiting', async () => {
    const folder = stage.folder('many')
    for (let n = 0; n < 350; n++)
      put(folder, `a folder with some name/a song of some length ${n}.mp3`, `song ${n}`)
    const said: { at: number; bytes: number }[] = []
    faust.entity.on('send', (element: { toString(): string }) => {
      const text = element.toString()
      if (text.includes('<publish ')) said.push({ at: performance.now(), bytes: Buffer.byteLength(text) })
    })
    let isOver = false
    const { id } = await faust.files.shares.add(folder)
    await until(
      () => said.length,
      (count) => count > 0,
    )
    const done = faust.files.shares.current(id).finally(() => {
      isOver = true
    })
    const waits: number[] = []
    while (!isOver) {
      const asked = performance.now()
      await request(faust.entity, { to: stage.prosody.domain, type: 'get', payload: ping() })
      waits.push(performance.now() - asked)
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
    expect(await done).to.include({ state: 'current', publishedFiles: 350 })
    for (const { bytes } of said) expect(bytes).to.be.at.most(8_192)
    // The last one is not yet paid for; a machine that does other things as well is slower, and never faster.
    const paid = said.slice(0, -1).reduce((sum, { bytes }) => sum + bytes, 0)
    expect(paid / ((said.at(-1)!.at - said[0]!.at) / 1_000)).to.be.lessThan(5_500)
    waits.sort((one, other) => one - other)
    expect(waits.length).to.be.greaterThan(10)
    // One stanza of ours may be in the way of a word, and no more.
    expect(waits[waits.length >> 1], waits.map(Math.round).join()).to.be.lessThan(500)
    expect(waits.at(-1)).to.be.lessThan(4_000)
  })
})
