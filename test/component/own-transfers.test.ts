/** What of a person's transfers is shown to other means than his devices, and what that costs the others. */

import { setImmediate as turn } from 'node:timers/promises'
import { expect } from 'chai'
import { type Action, writeAction } from '../../schemas/index.js'
import { Cable } from './cable.js'
import { newOfferId, someFile } from './stage.js'

describe('the transfers of a person', () => {
  let cable: Cable
  beforeEach(async () => {
    cable = new Cable()
    for (const [number, name] of ['faust', 'mephisto', 'gretchen'].entries()) {
      await cable.logIn(`${name}@h/x`, String(number).repeat(64))
    }
  })
  afterEach(() => cable.close())

  const say = (from: string, action: Action) => cable.mediator.hear(`${from}@h/x`, writeAction(action))
  const offer = (from: string, to: string, ...names: string[]) =>
    say(from, {
      action: 'offer',
      value: { id: newOfferId(), peer: `${to}@h`, every: false, files: names.map((name) => someFile(name)) },
    })
  const shownTo = async (peer: string, most = 64) => {
    const own = await cable.mediator.transfersOf(`${peer}@h`, most)
    return own.map(
      ({ filename, isReceiving, peer: other }) => `${filename} ${isReceiving ? '<' : '>'} ${other}`,
    )
  }

  it('are his newest that have not ended, each by the name of its first file', async () => {
    await offer('faust', 'mephisto', 'my & <girl>.jpg', 'other.jpg')
    await offer('gretchen', 'faust', 'letter.txt')
    await offer('mephisto', 'gretchen', 'jewels.zip')
    const pact = { id: newOfferId(), peer: 'faust@h', filename: 'pact.pdf', append: false }
    await say('mephisto', { action: 'request', value: pact })
    await cable.settle()
    expect(await shownTo('faust')).to.deep.equal([
      'pact.pdf > mephisto@h',
      'letter.txt < gretchen@h',
      'my & <girl>.jpg > mephisto@h',
    ])
    expect(await shownTo('faust', 1)).to.deep.equal(['pact.pdf > mephisto@h'])
    const [oldest] = (await cable.mediator.transfersOf('gretchen@h', 64)).slice(-1)
    await cable.mediator.abortFor('gretchen@h', oldest!.sid)
    expect(await shownTo('gretchen')).to.deep.equal(['jewels.zip < mephisto@h'])
    expect(await shownTo('nobody')).to.deep.equal([])
  })

  it('are read a few at a time, with the others in between (P17, P19)', async () => {
    for (let n = 0; n < 32; n++) await offer('faust', n % 2 === 0 ? 'mephisto' : 'gretchen', `${n}.txt`)
    await cable.settle()
    let turns = 0
    let isOver = false
    const counting = (async () => {
      for (; !isOver; turns++) await turn()
    })()
    const shown = await shownTo('faust')
    isOver = true
    await counting
    expect(shown).to.have.length(32)
    expect(turns).to.be.at.least(4)
  })
})
