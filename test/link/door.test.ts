/** One port for several devices: who comes is told by his certificate, and only who is expected gets a link. */

import { expect } from 'chai'
import { type DeviceIdentity, type Door, openDoor } from '../../link/index.js'
import { freePort } from '../../scripts/free-port.js'
import { gone, tcpClient } from './raw-peer.js'
import { incoming, newToken, receiver, sender, sendingAttempt, stranger } from './two-devices.js'

describe('a door for several devices', () => {
  let door: Door
  let port: number

  beforeEach(async () => {
    port = await freePort()
    door = await openDoor({ identity: receiver, port, host: '127.0.0.1', allowLoopback: true })
  })

  afterEach(() => door.close())

  /** A device that dials, with its token. */
  const dials = (identity: DeviceIdentity, token: Uint8Array) => {
    const attempt = sendingAttempt({ identity, token, listen: false })
    attempt.dial([...door.candidates])
    return attempt
  }

  it('gives each of those that come at once the link of its own certificate (case 74)', async () => {
    const [one, other] = [newToken(), newToken()]
    const expected = [
      door.expect({ device: sender.id, token: one }),
      door.expect({ device: stranger.id, token: other }),
    ]
    const attempts = [dials(stranger, other), dials(sender, one)]
    const [fromStranger, fromSender] = await Promise.all(attempts.map(({ link }) => link))
    const links = await Promise.all(expected)
    const heard = links.map((link) => incoming(link, 3))
    fromSender!.write(Buffer.from('one'))
    fromStranger!.write(Buffer.from('two'))
    expect((await Promise.all(heard)).map(String)).to.deep.equal(['one', 'two'])
    for (const link of [...links, fromSender, fromStranger]) link!.destroy()
  })

  it('lets nobody in whom it does not expect, and the one it expects past a crowd (case 75)', async () => {
    const token = newToken()
    const expected = door.expect({ device: sender.id, token })
    const crowd = await Promise.all(Array.from({ length: 12 }, () => tcpClient(port)))
    const uninvited = dials(stranger, token)
    const seen = await uninvited.link.catch((error: unknown) => (error as { code: string }).code)
    expect(seen).to.equal('refused')
    const attempt = dials(sender, token)
    const links = await Promise.all([expected, attempt.link])
    // With the last of those expected goes everybody who has not proved himself.
    await Promise.all(crowd.map(gone))
    expect(door.unproven).to.equal(0)
    for (const link of links) link.destroy()
  })

  it('closes whoever comes while nobody is expected', async () => {
    await gone(await tcpClient(port))
  })

  it('announces what it is told to instead of its own, and of that only what may be (P12)', async () => {
    door.close()
    const at = (ip: string) => ({ ip, port, kind: 'host' })
    const opened = async (announce: string[], options = {}) => {
      door = await openDoor({ identity: receiver, port, host: '127.0.0.1', announce, ...options })
      const { candidates } = door
      door.close()
      return candidates
    }
    expect(await opened(['198.51.100.7', '127.0.0.1', '169.254.169.254', 'files.example'])).to.deep.equal([
      at('198.51.100.7'),
    ])
    expect(await opened(['127.0.0.1'], { allowLoopback: true })).to.deep.equal([at('127.0.0.1')])
    const none = await opened(['127.0.0.1']).catch((error: Error) => error.message)
    expect(none).to.equal('listen: no address to announce')
  })

  it('waits for a device as long as it was told to', async () => {
    const late = door.expect({ device: sender.id, token: newToken(), deadlineMs: 20 })
    const how = await late.catch((error: unknown) => (error as { code: string }).code)
    expect(how).to.equal('timeout')
  })
})
