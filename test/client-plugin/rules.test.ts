/** The small rules of the plugin: turns, the meter, the budget of addresses, and what an error of the component means. */

import { expect } from 'chai'
import { outcomeOf } from '../../client-plugin/mediator/outcome.js'
import { DialBudget } from '../../client-plugin/transfer/dial-budget.js'
import { Meter } from '../../client-plugin/transfer/meter.js'
import { Turns } from '../../client-plugin/transfer/turns.js'
import { RequestFailed, RequestRefused } from '../../wire/index.js'

describe('turns', () => {
  const never = new AbortController().signal

  it('are so many at once; the others wait in the order they came, and nobody overtakes', async () => {
    const turns = new Turns(1)
    const order: string[] = []
    const first = await turns.take('a', never)
    const second = turns.take('a', never).then((giveBack) => {
      order.push('second')
      giveBack()
    })
    const third = turns.take('a', never).then((giveBack) => {
      order.push('third')
      giveBack()
    })
    expect(turns.tryTake('a')).to.equal(undefined)
    first()
    first()
    await Promise.all([second, third])
    expect(order).to.deep.equal(['second', 'third'])
    expect(turns.tryTake('a')).to.be.a('function')
    expect(turns.tryTake('a')).to.equal(undefined)
  })

  it('are not lost with those who stop waiting', async () => {
    const turns = new Turns(1)
    const first = await turns.take('a', never)
    const impatient = new AbortController()
    const waiting = turns.take('a', impatient.signal).catch(() => 'gone')
    impatient.abort()
    expect(await waiting).to.equal('gone')
    first()
    expect(turns.tryTake('a')).to.be.a('function')
  })

  it('are left for others by one who has many, however slow his are (P17)', async () => {
    const turns = new Turns(4)
    const his = ['a', 'a', 'a'].map((peer) => turns.tryTake(peer)!)
    expect(turns.tryTake('a')).to.equal(undefined)
    const waits = turns.take('a', never)
    const last = turns.tryTake('b')!
    expect([turns.taken, turns.tryTake('b')]).to.deep.equal([4, undefined])
    // What is given back is not his who has the most already.
    last()
    expect(turns.taken).to.equal(3)
    his[0]!()
    ;(await waits)()
    expect(turns.taken).to.equal(2)
    const few = new Turns(3)
    expect(['a', 'a', 'a'].map((peer) => typeof few.tryTake(peer))).to.deep.equal(Array(3).fill('function'))
  })

  it('go to who has the fewest, not to who came first with many', async () => {
    const turns = new Turns(2)
    const order: string[] = []
    const his = [await turns.take('a', never), await turns.take('a', never)]
    for (const [n, peer] of ['a', 'a', 'b', 'c'].entries()) {
      void turns.take(peer, never).then((giveBack) => {
        order.push(`${peer}${n}`)
        setImmediate(giveBack)
      })
    }
    his[0]!()
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(order).to.deep.equal(['b2', 'c3', 'a0', 'a1'])
  })
})

describe('the meter', () => {
  it('gives the rate and what is left, and nothing before there is anything', () => {
    const meter = new Meter()
    meter.begin(1_000, 0)
    expect(meter.secondsFor(500)).to.equal(undefined)
    for (let second = 1; second <= 30; second++) meter.look(1_000 + second * 200, second * 1_000)
    expect(meter.rate).to.be.closeTo(200, 1)
    expect(meter.secondsFor(500)).to.be.closeTo(2.5, 0.1)
  })
})

describe('the budget of addresses', () => {
  const candidate = (n: number) => ({ kind: 'host' as const, ip: `192.0.2.${n}`, port: 7_000 })

  it('lets one peer make us dial sixteen different addresses a day, however it spreads them (P12, case 67)', () => {
    const budget = new DialBudget()
    const dialled = Array.from({ length: 40 }, (_, n) => budget.allow('a@b', [candidate(n + 1)]).length)
    expect(dialled.reduce((sum, n) => sum + n)).to.equal(16)
    expect(budget.allow('a@b', [candidate(1)])).to.have.length(1)
    expect(budget.allow('c@d', [candidate(30)])).to.have.length(1)
  })

  it('lets one peer make us dial one address twice a second in the long run, until it has led to him (P12, P16)', () => {
    let now = 0
    const budget = new DialBudget(() => now)
    const dialled = (times: number) =>
      Array.from({ length: times }, () => budget.allow('a@b', [candidate(1)])).flat().length
    expect(dialled(1_000)).to.equal(32)
    now = 10_000
    expect(dialled(1_000)).to.equal(20)
    expect(budget.allow('c@d', [candidate(1)])).to.have.length(1)
    budget.proven('a@b', '192.0.2.2')
    expect(dialled(10)).to.equal(0)
    budget.proven('a@b', '::ffff:192.0.2.1')
    expect(dialled(10)).to.equal(10)
  })
})

describe('the budget of one address', () => {
  it('is one for all peers together: many accounts make no flood of us, and a link gives it back (P12, P16)', () => {
    let now = 0
    const budget = new DialBudget(() => now)
    const dialled = (peers: number) =>
      Array.from({ length: peers }, (_, n) =>
        budget.allow(`bot${n}@b`, [{ kind: 'host', ip: '192.0.2.1', port: 7_100 }]),
      ).flat().length
    expect(dialled(1_000)).to.equal(128)
    now = 1_000
    expect(dialled(1_000)).to.equal(10)
    budget.proven('c@d', '192.0.2.1')
    expect(dialled(20)).to.equal(20)
  })
})

describe('an error of the component', () => {
  const is = (...given: ConstructorParameters<typeof RequestRefused>) =>
    outcomeOf(new RequestRefused(...given))

  it('is a reason to say the same again where nobody knows, and to log in again where the server speaks', () => {
    expect(outcomeOf(new RequestFailed('timeout'))).to.deep.equal({ is: 'unsaid' })
    expect(outcomeOf(new RequestFailed('disconnected'))).to.deep.equal({ is: 'unsaid' })
    expect(is('remote-server-timeout', 'wait')).to.deep.equal({ is: 'unsaid' })
    expect(is('unexpected-request', 'wait', { name: 'login-required' })).to.deep.equal({ is: 'unsaid' })
  })

  it('never makes us wait longer than a minute, or shorter than a second (case 50, P21)', () => {
    const later = (afterSeconds: number) =>
      is('resource-constraint', 'wait', { name: 'retry', afterSeconds }) as { ms: number }
    expect(later(3_600).ms).to.equal(60_000)
    expect(later(0).ms).to.equal(1_000)
    expect(later(7).ms).to.equal(7_000)
  })

  it('says where the transfer is, where it is elsewhere', () => {
    const running = is('unexpected-request', 'wait', { name: 'state', state: 'running', attempt: 4 })
    expect(running).to.deep.equal({ is: 'elsewhere', phase: 'running', attempt: 4 })
    expect(is('item-not-found', 'cancel', { name: 'expired' })).to.deep.equal({
      is: 'unknown',
      expired: true,
    })
  })

  it('is final otherwise, with a code for the user', () => {
    const codeOf = (...given: ConstructorParameters<typeof RequestRefused>) => {
      const outcome = is(...given)
      return outcome.is === 'refused' ? outcome.why.code : outcome.is
    }
    expect(codeOf('jid-malformed', 'modify')).to.equal('bad-peer')
    expect(codeOf('not-acceptable', 'modify', { name: 'bad-name' })).to.equal('bad-name')
    expect(codeOf('resource-constraint', 'wait', { name: 'quota', used: 16, max: 16 })).to.equal(
      'too-many-offers',
    )
    expect(codeOf('conflict', 'cancel')).to.equal('component-refused')
  })
})
