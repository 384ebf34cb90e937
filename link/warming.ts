/**
 * One handshake within this process, with nobody: what a link needs is loaded and compiled then, while nothing waits for it,
 * and the first real link of the program is made in a third of the time.
 *
 * Rules: no socket and no port is opened; it is of no importance whether it succeeds, so it tells nobody.
 */

import { Duplex } from 'node:stream'
import { Connection, type ConnectionOptionsOfAttempt } from './connection.js'
import { tokenBytes } from './greeting.js'
import type { DeviceIdentity } from './identity.js'
import { secureContextOf } from './secure.js'

const authenticateMs = 5_000

/** Makes a link with itself and drops it. Resolves when that is over, however it went. */
export function warmUp(identity: DeviceIdentity): Promise<void> {
  return new Promise((resolve) => {
    const context = secureContextOf(identity)
    const ends: Connection[] = []
    const over = () => {
      for (const end of ends) end.drop()
      resolve()
    }
    const common = { context, peerDevice: identity.id, authenticateMs, onFailed: over }
    const sides: ConnectionOptionsOfAttempt[] = [
      { ...common, side: 'sending', onGreeted: over },
      { ...common, side: 'receiving', onGreeted: (connection) => connection.go(new Uint8Array(tokenBytes)) },
    ]
    const cable = pair()
    for (const [i, side] of sides.entries())
      ends.push(Connection.over(cable[i]!, side, { kind: 'inband', dialled: false, remote: '' }))
  })
}

/** Two ends: what is written to the one is read from the other. */
function pair(): [Duplex, Duplex] {
  const end = (other: () => Duplex): Duplex =>
    new Duplex({
      read() {},
      write(bytes: Buffer, _encoding, done) {
        other().push(bytes)
        done()
      },
      final(done) {
        other().push(null)
        done()
      },
    })
  const one: Duplex = end(() => two)
  const two: Duplex = end(() => one)
  return [one, two]
}
