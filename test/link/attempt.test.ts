/** An attempt from its beginning to a link, or to none. */

import { networkInterfaces } from 'node:os'
import { expect } from 'chai'
import { LinkFailed } from '../../link/index.js'
import { isDirect } from '../../protocol/candidates.js'
import { gone, tcpServer, tlsClient } from './raw-peer.js'
import {
  at,
  incoming,
  linkedPair,
  newToken,
  outcome,
  portOf,
  receivingAttempt,
  sendingAttempt,
  stranger,
} from './two-devices.js'

/** What keeps a process alive and could be ours. */
const handles = (): string[] =>
  process.getActiveResourcesInfo().filter((name) => /TCP|TLS|Timeout|Connect/.test(name))

/** Settles when as many handles are left as there were. */
async function backTo(before: readonly string[]): Promise<void> {
  while (handles().length > before.length) await new Promise(setImmediate)
}

describe('an attempt', () => {
  it('gives each side a link when the receiving side dials', async () => {
    const { sending, receiving } = await linkedPair()
    expect(sending.path).to.deep.equal({ kind: 'direct', dialled: false, family: 4, why: [] })
    expect(receiving.path).to.deep.equal({ kind: 'direct', dialled: true, family: 4, why: [] })
    receiving.destroy()
  })

  it('gives each side a link when the sending side dials', async () => {
    const { sending, receiving } = await linkedPair({
      sending: { listen: false },
      receiving: { listen: { host: '127.0.0.1' } },
    })
    expect([sending.path.dialled, receiving.path.dialled]).to.deep.equal([true, false])
    receiving.destroy()
  })

  it('announces loopback first where it is allowed, and is reached by both families at one port', async function () {
    const families = networkInterfaces().lo?.map(({ family }) => family) ?? []
    if (!families.includes('IPv6')) this.skip()
    for (const [ip, family] of Object.entries({ '127.0.0.1': 4, '::1': 6 })) {
      const token = newToken()
      const sending = sendingAttempt({ token, listen: {} })
      const receiving = receivingAttempt({ token, listen: false })
      const first = (await sending.candidates()).filter(isDirect)[0]
      expect(first?.ip).to.equal('127.0.0.1')
      receiving.dial([at(first!.port, ip)])
      const [one, other] = await Promise.all([sending.link, receiving.link])
      expect([one.path.family, other.path.family]).to.deep.equal([family, family])
      other.destroy()
    }
  })

  it('carries bytes both ways at once', async () => {
    for (const listen of [false, { host: '127.0.0.1' }] as const) {
      const { sending, receiving } = await linkedPair({
        receiving: { listen },
        ...(listen === false ? {} : { sending: { listen: false } }),
      })
      const down = Buffer.alloc(3_000_001, 'down')
      const up = Buffer.alloc(1_234_567, 'up')
      const came = Promise.all([incoming(receiving, down.length), incoming(sending, up.length)])
      sending.write(down)
      receiving.write(up)
      const [ofSending, ofReceiving] = await came
      expect(ofSending.equals(down) && ofReceiving.equals(up)).to.equal(true)
      receiving.destroy()
    }
  })

  it('waits with a connection that said its token before the sending side knew the token', async () => {
    const token = newToken()
    const sending = sendingAttempt()
    const receiving = receivingAttempt({ token, listen: false })
    receiving.dial([at(await portOf(sending))])
    const link = await receiving.link
    const early = Buffer.alloc(300_000, 'early')
    link.write(early)
    sending.setToken(token)
    expect((await incoming(await sending.link, early.length)).equals(early)).to.equal(true)
    link.destroy()
  })

  it('may be told its candidates by both sides at any time', async () => {
    const token = newToken()
    const sending = sendingAttempt({ token, listen: false })
    const receiving = receivingAttempt({ token })
    sending.dial([at(await portOf(receiving))])
    expect(await Promise.all([outcome(sending), outcome(receiving)])).to.deep.equal(['link', 'link'])
    ;(await receiving.link).destroy()
  })

  it('opens nothing before it is asked to, and nothing ever where it may not listen (cases 65, 69)', async () => {
    const before = handles()
    const attempts = [
      sendingAttempt({ listen: false }),
      receivingAttempt({ listen: false }),
      sendingAttempt(),
    ]
    const candidates = await Promise.all(attempts.slice(0, 2).map((one) => one.candidates()))
    expect(candidates).to.deep.equal([[], []])
    // What an earlier test has closed may go meanwhile.
    const sockets = (names: string[]): number => names.filter((name) => name !== 'Timeout').length
    expect(sockets(handles())).to.be.at.most(sockets(before))
    for (const attempt of attempts) attempt.close()
  })

  it('takes the next port of its range when one is in use', async () => {
    const taken = await tcpServer(() => {})
    const sending = sendingAttempt({ listen: { host: '127.0.0.1', ports: [taken.port, taken.port + 20] } })
    expect(await portOf(sending)).to.be.within(taken.port + 1, taken.port + 20)
    sending.close()
    taken.close()
  })

  it('has no candidates, and says why, when no port of its range is free', async () => {
    const taken = await tcpServer(() => {})
    const sending = sendingAttempt({ listen: { host: '127.0.0.1', ports: [taken.port, taken.port] } })
    expect(await sending.candidates()).to.deep.equal([])
    expect(sending.reasons).to.deep.equal(['listen EADDRINUSE'])
    sending.close()
    taken.close()
  })

  it('listens at no port that the other side would refuse to dial', async () => {
    const sending = sendingAttempt({ listen: { host: '127.0.0.1', ports: [8080, 8083] } })
    expect(await sending.candidates()).to.deep.equal([])
    expect(sending.reasons).to.deep.equal(['listen: no port allowed in the range'])
    sending.close()
  })

  it('announces loopback only where that is allowed (P12)', async () => {
    const sending = sendingAttempt({ listen: { host: '127.0.0.1' }, allowLoopback: false })
    expect(await sending.candidates()).to.deep.equal([])
    sending.close()
  })

  it('ends with `timeout` when nobody comes', async () => {
    const sending = sendingAttempt({ deadlineMs: 30 })
    await sending.candidates()
    expect(await outcome(sending)).to.equal('timeout')
  })

  it('ends with `timeout`, and not with `wrong-device`, when only strangers came to its port', async () => {
    const sending = sendingAttempt({ deadlineMs: 4_000 })
    await gone(await tlsClient(await portOf(sending), stranger))
    expect(sending.reasons).to.deep.equal(['IPv4 inbound: wrong device'])
    expect(await outcome(sending)).to.equal('timeout')
  })

  it('ends with `refused` at once when every candidate failed and nobody can come in', async () => {
    const closed = await tcpServer(() => {})
    closed.close()
    const receiving = receivingAttempt({ listen: false, deadlineMs: 1e9 })
    receiving.dial([at(closed.port), at(closed.port, '127.0.0.2')])
    const failure = await receiving.link.catch((error: unknown) => error)
    expect(failure).to.be.instanceOf(LinkFailed)
    expect(failure).to.include({ code: 'refused' })
    expect((failure as LinkFailed).reasons).to.deep.equal([
      'IPv4: connect ECONNREFUSED',
      'IPv4: connect ECONNREFUSED',
    ])
  })

  it('ends with `bad-candidate` when there is none that it may dial (case 66)', async () => {
    const receiving = receivingAttempt({ listen: false, deadlineMs: 1e9, allowLoopback: false })
    receiving.dial([at(40_000), at(22, '10.0.0.1'), { ip: 'localhost', port: 40_000, kind: 'host' }])
    const failure = (await receiving.link.catch((error: unknown) => error)) as LinkFailed
    expect(failure.code).to.equal('bad-candidate')
    expect(failure.reasons).to.deep.equal([
      'candidate refused: loopback',
      'candidate refused: port',
      'candidate refused: not-an-ip',
    ])
  })

  it('ends with `aborted` by its signal, before or after its beginning, and by close', async () => {
    const before = receivingAttempt({ signal: AbortSignal.abort() })
    const control = new AbortController()
    const during = receivingAttempt({ signal: control.signal })
    control.abort()
    const closed = receivingAttempt()
    closed.close()
    expect(await Promise.all([before, during, closed].map(outcome))).to.deep.equal([
      'aborted',
      'aborted',
      'aborted',
    ])
    expect(await before.candidates()).to.deep.equal([])
  })

  it('has no address in its reasons (case 107, P22)', async () => {
    const closed = await tcpServer(() => {})
    closed.close()
    const receiving = receivingAttempt({ listen: false })
    receiving.dial([at(closed.port), { ip: '::ffff:10.1.2.3', port: 40_000, kind: 'host' }])
    const failure = (await receiving.link.catch((error: unknown) => error)) as LinkFailed
    expect(`${failure.message} ${failure.stack}`).not.to.match(/127\.0\.0\.1|10\.1\.2\.3|::ffff/)
  })

  it('leaves no port, socket or timer behind, whatever became of it', async () => {
    // The runner's own timer is there by then.
    await new Promise(setImmediate)
    const before = handles()
    const dialledInVain = receivingAttempt()
    dialledInVain.dial([at((await portOf(dialledInVain)) === 1025 ? 1026 : 1025)])
    dialledInVain.dial([at(1027), at(1028)])
    dialledInVain.close()
    // Timers are gone at once; sockets take a turn.
    const timers = (names: string[]): number => names.filter((name) => name === 'Timeout').length
    expect(timers(handles())).to.be.at.most(timers(before))
    const timedOut = sendingAttempt({ deadlineMs: 20 })
    await timedOut.candidates()
    await outcome(timedOut)
    const { sending, receiving } = await linkedPair()
    sending.end()
    receiving.end()
    await backTo(before)
  })

  it('closes its port once there is a link', async () => {
    const token = newToken()
    const sending = sendingAttempt({ token })
    const port = await portOf(sending)
    const receiving = receivingAttempt({ token, listen: false })
    receiving.dial([at(port)])
    await sending.link
    const late = receivingAttempt({ listen: false })
    late.dial([at(port)])
    expect(await outcome(late)).to.equal('refused')
    ;(await receiving.link).destroy()
  })

  it('does not end the link when it is closed afterwards', async () => {
    const token = newToken()
    const sending = sendingAttempt({ token })
    const receiving = receivingAttempt({ token, listen: false })
    receiving.dial([at(await portOf(sending))])
    const [one, other] = await Promise.all([sending.link, receiving.link])
    sending.close()
    receiving.close()
    one.write(Buffer.from('still here'))
    expect((await incoming(other, 10)).toString()).to.equal('still here')
    other.destroy()
  })
})
