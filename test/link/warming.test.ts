/** The handshake of a device with itself, by which the first real one becomes quick. */

import { expect } from 'chai'
import { warmUp } from '../../link/index.js'
import { linkedPair, sender } from './two-devices.js'

/** Sockets and ports that are open; timers come and go with the tests around this one. */
const open = (): string[] => process.getActiveResourcesInfo().filter((name) => /TCP|Pipe|UDP/.test(name))

describe('warming up', () => {
  it('opens no socket and no port, and ends by itself', async () => {
    const before = open().length
    const warming = warmUp(sender)
    expect(open()).to.have.length.at.most(before)
    await warming
  })

  it('changes nothing for links that are made meanwhile', async () => {
    const warming = warmUp(sender)
    const { sending, receiving } = await linkedPair()
    expect([sending.path.dialled, receiving.path.dialled]).to.deep.equal([false, true])
    receiving.destroy()
    await warming
  })
})
