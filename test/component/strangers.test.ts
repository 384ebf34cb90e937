/** A server has any number of accounts, and each that logs in is kept in memory: how many of other servers are here is bounded. */

import { expect } from 'chai'
import { Refused } from '../../wire/index.js'
import { Cable } from './cable.js'

const device = (n: number) => n.toString(16).padStart(64, '0')

describe('devices of other servers', () => {
  it('are no more than another server leaves free, and keep nobody else out (P16, P17)', async () => {
    const cable = new Cable()
    const { logins } = cable.mediator
    const logIn = (jid: string, n: number) =>
      cable.logIn(jid, device(n)).catch((error: unknown) => {
        if (error instanceof Refused) return error.message
        throw error
      })
    try {
      for (let n = 1; n <= 50_000; n++) {
        const peer = `m${n}@evil.example`
        logins.add({ row: -n, party: { peer, device: device(n) }, jid: `${peer}/x`, heard: cable.now })
      }
      expect(await logIn('one-more@evil.example/x@y', 60_001)).to.equal('resource-constraint/wait')
      expect(await logIn('faust@goethe.example/Pult', 60_002)).to.equal(undefined)
      expect(await logIn('gretchen@h/Kammer', 60_003)).to.equal(undefined)
      // Those who are remembered are asked for, and have their places until they are forgotten.
      const some = [1, 2, 3].map((n) => logins.under(`m${n}@evil.example/x`)!)
      for (const session of some) {
        logins.remove(session)
        logins.remember(session)
      }
      expect(await logIn('one-more@evil.example/x@y', 60_001)).to.equal('resource-constraint/wait')
      for (const { jid } of some) logins.forget(jid)
      expect(await logIn('one-more@evil.example/x@y', 60_001)).to.equal(undefined)
      expect(await logIn('one-more@evil.example/x@y', 60_001)).to.equal(undefined)
    } finally {
      cable.close()
    }
  })
})
