/** Who a server takes for somebody else than we would: names with letters that are younger than the tables servers fold by. */

import { setTimeout as moment } from 'node:timers/promises'
import { expect } from 'chai'
import { rawClient } from '../wire/raw-client.js'
import { Cable } from './cable.js'
import { newDevice, newOfferId, Stage, someFile } from './stage.js'

describe('a login that an older version took for somebody else’s', () => {
  it('is not remembered, and nothing is said to it', async () => {
    const cable = new Cable()
    try {
      cable.receivers.set('alice@h/x', { deliver: () => {} })
      await cable.logIn('alice@h/x', '0'.repeat(64))
      const [impostor, honest] = ['\u1d43lice@h/r', '\u13a0@h/r']
      await cable.batches.run(({ store, now }) => {
        store.devices.logIn('alice@h', '1'.repeat(64), impostor, now)
        // Her small letter is what it was folded to.
        store.devices.logIn('\uab70@h', '2'.repeat(64), honest, now)
      })
      cable.restartComponent()
      // Whoever is remembered is asked when she is.
      const { logins } = cable.mediator
      expect(logins.allRemembered().map(({ jid }) => jid)).to.deep.equal(['alice@h/x'])
      while (logins.size === 0) await moment(5)
      await cable.settle()
      expect(cable.pinged).to.deep.equal(['alice@h/x'])
      const { loggedIn } = cable.batches.store.devices
      expect(loggedIn().map(({ jid }) => jid)).to.deep.equal(['alice@h/x'])
    } finally {
      cable.close()
    }
  })
})

describe('a name that only we would fold', function () {
  this.timeout(30_000)
  let stage: Stage
  before(async () => {
    stage = await Stage.open()
  })
  after(() => stage.close())

  it('does not speak, nor hear anything, as the one that it would be folded to (P21)', async () => {
    const alice = await stage.device('alice')
    // U+1D43, of Unicode 4.0: for Prosody, which knows 3.2, another account; by NFKC an `a`.
    const name = '\u1d43lice'
    stage.prosody.addUser(name, 'other')
    const evil = await rawClient(stage.prosody.c2sPort, name, 'other', 'r')
    evil.say(
      `<presence to='${stage.domain}'><login xmlns='jabberfs:transfer:1' device='${newDevice()}'/></presence>`,
    )
    const [answer] = await evil.hear(/<presence[^>]*from=['"]files\.localhost['"][\s\S]*?<\/presence>/)
    expect(answer).to.match(/jid-malformed/)
    // Who reads it is told why, in a stock client, too.
    expect(answer).to.match(
      /<text[^>]*>The name of this account has letters that are younger than Unicode 3\.2/,
    )
    const bob = await stage.device('bob')
    await bob.say('offer', { id: newOfferId(), peer: alice.bare, files: [someFile()], every: false })
    await alice.next('offer')
    expect(stage.component.figures().loggedIn).to.equal(2)
  })

  it('is no matter where the server keeps what is ours to fold: he is served under his own name', async () => {
    const name = '\u13e3\u13b3\u13a9'
    stage.prosody.addUser(name, 'own')
    const sequoyah = await rawClient(stage.prosody.c2sPort, name, 'own', 'r')
    sequoyah.say(
      `<presence to='${stage.domain}'><login xmlns='jabberfs:transfer:1' device='${newDevice()}'/></presence>`,
    )
    await sequoyah.hear(/<presence[^>]*from=['"]files\.localhost['"][\s\S]*?<login/)
    const bob = await stage.device('bob')
    await bob.say('offer', {
      id: newOfferId(),
      peer: `${name}@localhost`,
      files: [someFile('letter.txt')],
      every: false,
    })
    await sequoyah.hear(/<offer[^>]*>[\s\S]*letter\.txt/)
  })
})
