/** Which file a transfer is of: what the sending side has said of it binds the receiving side's word (P1). */

import { expect } from 'chai'
import {
  isRefusal,
  type Kind,
  propose,
  type Said,
  step,
  type Transfer,
} from '../../protocol/mediation/index.js'

const author = { peer: 'faust@goethe.example', device: 'a'.repeat(64) }
const recipient = { peer: 'mephisto@goethe.example', device: 'b'.repeat(64) }

const begin = (kind: Kind = 'offer') => propose({ sid: '0'.repeat(32), kind, author, recipient })
const accept = (from = recipient): Said => ({ say: 'accept', from, attempt: 1 })
const complete = (attempt: number, from = recipient): Said => ({ say: 'complete', from, attempt })
const abort = (from = recipient): Said => ({ say: 'abort', from })
const counter = (): Said => ({ say: 'offer', from: recipient, digest: 'd' })

function then(state: Transfer, ...events: Said[]): Transfer {
  for (const event of events) {
    const outcome = step(state, event)
    if (isRefusal(outcome)) throw new Error(`${event.say} was refused: ${outcome.refuse}`)
    state = outcome.state
  }
  return state
}

function told(state: Transfer, event: Said): string {
  const outcome = step(state, event)
  return isRefusal(outcome) ? outcome.refuse : 'taken'
}

describe('the root of a transfer', () => {
  it('is what the sending side said: with another it is not complete (P1)', () => {
    const done = (root?: string): Said => ({ ...complete(1), root }) as Said
    const known = propose({ sid: '0'.repeat(32), kind: 'offer', author, recipient, root: 'aa' })
    expect(told(then(known, accept()), done('bb'))).to.equal('conflict')
    expect(told(then(known, accept(), abort(author)), done('bb'))).to.equal('conflict')
    expect(then(known, accept(), done('aa')).phase).to.equal('complete')
    // The recipient of an offer cannot make it another file.
    const claimed = then(known, { ...accept(), root: 'bb' } as Said)
    expect(told(claimed, done('bb'))).to.equal('conflict')
    expect(then(begin(), accept(), done('bb')).phase).to.equal('complete')
    const asked = then(begin('request'), { ...accept(), root: 'aa' } as Said)
    const got = (root: string) => ({ ...complete(1, author), root }) as Said
    expect(told(asked, got('bb'))).to.equal('conflict')
    expect(then(asked, got('aa')).phase).to.equal('complete')
    const put = then(begin('request'), { ...counter(), root: 'cc' } as Said, accept(author))
    expect(told(put, got('aa'))).to.equal('conflict')
    expect(then(put, got('cc')).phase).to.equal('complete')
  })
})
