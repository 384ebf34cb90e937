/** What the other end of a dial sees: who is dialled, how often, and what is said there. */

import type { Socket } from 'node:net'
import { expect } from 'chai'
import { Dialling, staggerMs } from '../../link/dialling.js'
import type { LinkFailed } from '../../link/index.js'
import { tcpServer } from './raw-peer.js'
import { at, newToken, outcome, portOf, receivingAttempt, sendingAttempt } from './two-devices.js'

/** The same free port at several addresses of loopback; `act` gets every socket with the number of its address. */
async function addresses(count: number, act: (socket: Socket, number: number) => void) {
  const first = await tcpServer((socket) => act(socket, 1), '127.0.0.1')
  const all = [first]
  for (let number = 2; number <= count; number++) {
    all.push(await tcpServer((socket) => act(socket, number), `127.0.0.${number}`, first.port))
  }
  const close = (): void => {
    for (const one of all) one.close()
  }
  return { port: first.port, close }
}

describe('dialling', () => {
  it('reaches nobody before the candidates of an accepted transfer are given (cases 64, 65)', async () => {
    let reached = 0
    const victim = await tcpServer(() => reached++)
    const attempts = [receivingAttempt(), sendingAttempt()]
    await Promise.all(attempts.map((one) => one.candidates()))
    for (const attempt of attempts) attempt.close()
    victim.close()
    expect(reached).to.equal(0)
  })

  it("knocks once at a victim's server, and says nothing there but a TLS ClientHello (case 64)", async () => {
    const heard: Buffer[] = []
    let knocks = 0
    const victim = await tcpServer((socket) => {
      knocks++
      socket.on('data', (chunk) => {
        heard.push(chunk)
        socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')
      })
    })
    const token = newToken()
    const receiving = receivingAttempt({ listen: false, token })
    receiving.dial([at(victim.port), at(victim.port)])
    receiving.dial([at(victim.port)])
    expect(await outcome(receiving)).to.equal('refused')
    victim.close()
    const said = Buffer.concat(heard)
    expect(knocks).to.equal(1)
    // One record, a handshake (RFC 8446, 5.1), in it one ClientHello, and nothing after it.
    expect([said[0], said[5]]).to.deep.equal([22, 1])
    expect(said.length).to.equal(5 + said.readUInt16BE(3))
    expect(said.includes(Buffer.from(token))).to.equal(false)
  })

  it("knocks once at a victim's server as the sending side too, and says nothing at all (case 64)", async () => {
    const heard: Buffer[] = []
    let knocks = 0
    const victim = await tcpServer((socket) => {
      knocks++
      socket.on('data', (chunk) => heard.push(chunk))
      socket.end('220 mail.example ESMTP\r\n')
    })
    const sending = sendingAttempt({ listen: false, token: newToken() })
    sending.dial([at(victim.port), at(victim.port)])
    expect(await outcome(sending)).to.equal('refused')
    victim.close()
    expect(knocks).to.equal(1)
    // At most a TLS alert about what is no ClientHello.
    const said = Buffer.concat(heard)
    expect(said.length === 0 || (said[0] === 21 && said.length === 7)).to.equal(true)
  })

  it('dials four of a hundred, each once (case 67)', async () => {
    const knocks = new Map<number, number>()
    const victims = await addresses(8, (socket, number) => {
      knocks.set(number, (knocks.get(number) ?? 0) + 1)
      socket.destroy()
    })
    const hundred = Array.from({ length: 100 }, (_, i) => at(victims.port, `127.0.0.${i + 1}`))
    const receiving = receivingAttempt({ listen: false })
    receiving.dial(hundred)
    receiving.dial(hundred.slice(4))
    expect(await outcome(receiving)).to.equal('refused')
    victims.close()
    expect([...knocks].sort()).to.deep.equal([
      [1, 1],
      [2, 1],
      [3, 1],
      [4, 1],
    ])
  })

  it('does not wait for a candidate that is silent, and goes to the next at once when one refuses', async () => {
    const token = newToken()
    const silent = await tcpServer(() => {})
    const closed = await tcpServer(() => {})
    closed.close()
    const sending = sendingAttempt({ token })
    const port = await portOf(sending)
    const receiving = receivingAttempt({ token, listen: false })
    receiving.dial([at(silent.port), at(closed.port), at(port)])
    expect(await outcome(receiving)).to.equal('link')
    expect(receiving.reasons).to.deep.equal(['IPv4: connect ECONNREFUSED'])
    expect(staggerMs).to.equal(250)
    ;(await receiving.link).destroy()
    silent.close()
  })

  it('goes on in order, and waits for nothing once a dial has failed', () => {
    const dialled: string[] = []
    const dialling = new Dialling(({ ip }) => dialled.push(ip))
    dialling.add([at(40_000, '10.0.0.1'), at(40_000, '10.0.0.2'), at(40_000, '10.0.0.3')], 0)
    expect(dialled).to.deep.equal(['10.0.0.1'])
    dialling.failed()
    expect(dialled).to.deep.equal(['10.0.0.1', '10.0.0.2'])
    dialling.stop()
    dialling.failed()
    dialling.add([at(40_000, '10.0.0.4')], 0)
    expect(dialled).to.deep.equal(['10.0.0.1', '10.0.0.2'])
  })

  it('hangs up on whoever it dialled besides, once there is a link', async () => {
    const token = newToken()
    let hangUp = (): void => {}
    const hungUp = new Promise<void>((resolve) => {
      hangUp = resolve
    })
    const silent = await tcpServer((socket) => {
      socket.resume()
      socket.on('close', hangUp)
    })
    const sending = sendingAttempt({ token })
    const receiving = receivingAttempt({ token, listen: false })
    receiving.dial([at(silent.port), at(await portOf(sending))])
    const link = await receiving.link
    await hungUp
    link.destroy()
    silent.close()
  })

  it('says `wrong-device` when somebody else answers where the peer should be', async () => {
    const sending = sendingAttempt({ token: newToken() })
    const receiving = receivingAttempt({ listen: false, peerDevice: 'ab'.repeat(32) })
    receiving.dial([at(await portOf(sending))])
    const failure = (await receiving.link.catch((error: unknown) => error)) as LinkFailed
    expect(failure.code).to.equal('wrong-device')
    expect(failure.reasons).to.deep.equal(['IPv4: wrong device'])
    sending.close()
  })
})
