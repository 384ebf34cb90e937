/** What a word of a transfer says of itself besides its session: it may be left out, is true, or the word is refused (case 1). */

import { expect } from 'chai'
import { type Action, parseXml, writeAction } from '../../schemas/index.js'
import { Refused } from '../../wire/index.js'
import { Cable } from './cable.js'
import { someFile, someWay, token } from './stage.js'

const [faust, mephisto] = ['faust@h/x', 'mephisto@h/x'] as const
const id = 'the-offer-of-faust'

describe('the peer and the id that a word names', () => {
  let cable: Cable
  let sid: string

  beforeEach(async () => {
    cable = new Cable()
    await cable.logIn(faust, 'a'.repeat(64))
    await cable.logIn(mephisto, 'b'.repeat(64))
    const told: Action[] = []
    for (const jid of [faust, mephisto])
      cable.receivers.set(jid, { deliver: (action) => void told.push(action) })
    await says(faust, {
      action: 'offer',
      value: { id, peer: 'mephisto@h', every: false, files: [someFile()] },
    })
    await cable.settle()
    while (told.length === 0) await cable.waiting.shift()!.arrive()
    sid = told[0]!.value.sid!
  })
  afterEach(() => cable.close())

  /** What is answered: `result`, or the condition and the field. */
  async function says(from: string, action: Action): Promise<string> {
    try {
      await cable.mediator.hear(from, parseXml(writeAction(action).toString()))
      return 'result'
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      return `${error.condition} ${error.app?.attrs.name}`
    }
  }
  const accepts = (routing: { peer?: string; id?: string }) =>
    says(mephisto, {
      action: 'accept',
      value: { sid, attempt: 1, way: someWay(), token: token(), append: false, files: [], ...routing },
    })
  const aborts = (routing: { peer?: string; id?: string }) =>
    says(faust, { action: 'abort', value: { sid, reason: 'user', ...routing } })

  it('are those of the transfer, for the one who got the proposal', async () => {
    expect(await accepts({ peer: 'gretchen@h' })).to.equal('bad-request accept/@peer')
    expect(await accepts({ peer: 'mephisto@h' }), 'himself').to.equal('bad-request accept/@peer')
    expect(await accepts({ id: 'another-offer' })).to.equal('bad-request accept/@id')
    expect(await accepts({ peer: 'faust@h/anywhere', id })).to.equal('result')
  })

  it('are those of the transfer, for its author', async () => {
    expect(await accepts({})).to.equal('result')
    expect(await aborts({ peer: 'gretchen@h' })).to.equal('bad-request abort/@peer')
    expect(await aborts({ peer: 'faust@h' }), 'himself').to.equal('bad-request abort/@peer')
    expect(await aborts({ id: 'another-offer' })).to.equal('bad-request abort/@id')
    expect(await aborts({ peer: 'mephisto@h', id })).to.equal('result')
  })

  it('are those of the offer, where it is taken back as a whole', async () => {
    const takesBack = (peer: string) => says(faust, { action: 'abort', value: { id, peer } })
    expect(await takesBack('gretchen@h')).to.equal('bad-request abort/@peer')
    expect(await takesBack('mephisto@h/anywhere')).to.equal('result')
  })
})
