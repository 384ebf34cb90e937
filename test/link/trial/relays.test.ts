/** Trials with oneself through a real TURN server, coturn. */

import { createServer, type Server } from 'node:net'
import { expect } from 'chai'
import { dialledFromOutside, seenFromOutside, tryTurn } from '../../../link/trial/index.js'
import { type PrivateCoturn, privateCoturn } from '../nat/private-coturn.js'

const trial = { timeoutMs: 20_000, signal: new AbortController().signal }

describe('a trial of a TURN server', function () {
  this.timeout(180_000)
  let coturn: PrivateCoturn
  let echo: Server
  before(async () => {
    coturn = await privateCoturn()
    echo = createServer((socket) => {
      socket.on('error', () => {})
      socket.pipe(socket)
    })
    await new Promise<void>((resolve) => echo.listen(0, '127.0.0.1', resolve))
  })
  after(async () => {
    echo.close()
    await coturn.stop()
  })

  it('comes in at the relayed address, and bytes pass', async () => {
    const { plainly, relayed, outer } = await tryTurn(coturn, trial)
    expect([plainly, relayed.ip, outer.ip]).to.deep.equal([true, '127.0.0.1', '127.0.0.1'])
  })

  it('says of wrong credentials that they are', async () => {
    const wrong = await tryTurn({ ...coturn, password: 'wrong' }, trial).catch(
      (error: Error) => error.message,
    )
    expect(wrong).to.match(/^TURN: unauthorized/)
  })

  it('sees what a router does to a port, here nothing', async () => {
    const seen = await seenFromOutside([coturn], trial)
    expect(seen).to.include({ isOwn: true, keepsPort: true, sameForAll: undefined })
  })

  it('has the server dial a port of ours', async () => {
    const { port } = echo.address() as { port: number }
    await dialledFromOutside(coturn, { ip: '127.0.0.1', port }, trial)
  })
})
