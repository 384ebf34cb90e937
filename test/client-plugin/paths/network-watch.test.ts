/** A link that may lead nowhere any more, as what is seen of the network says; over a real stream of stanzas. */
import { expect } from 'chai'
import { NetworkWatch } from '../../../client-plugin/paths/network-watch.js'
import type { XmppEntity } from '../../../wire/index.js'
import { mockComponent } from '../../wire/mock-component.js'
import { acceptComponent } from '../../wire/mock-server.js'

describe('a link whose silence began before the stream was lost', () => {
  const watched = async () => {
    const mock = await mockComponent()
    const watch = new NetworkWatch(mock.entity, { changed: () => undefined }, 20)
    watch.loggedIn()
    return { ...mock, watch }
  }
  const heard = (entity: XmppEntity, event: string) =>
    new Promise<void>((resolve) => {
      const listener = () => {
        entity.off(event, listener)
        resolve()
      }
      entity.on(event, listener)
    })
  /** The stream is lost, and comes back. */
  const loseStream = async ({ talk, server, entity }: Awaited<ReturnType<typeof watched>>) => {
    const lost = heard(entity, 'disconnect')
    talk.socket.destroy()
    await lost
    const online = heard(entity, 'online')
    await acceptComponent(server)
    await online
  }

  it('is given up when we are back and it is still silent (P19)', async () => {
    const mock = await watched()
    const silent = { localAddress: undefined, bytesMoved: 7 }
    const gone = new Promise<void>((resolve) => mock.watch.watch(silent, resolve))
    await loseStream(mock)
    mock.watch.loggedIn()
    await gone
    mock.watch.stop()
    await mock.stop()
  })

  it('is kept where anything moves, and until we are back', async () => {
    const mock = await watched()
    const moving = { localAddress: undefined, bytesMoved: 7 }
    const silent = { localAddress: undefined, bytesMoved: 7 }
    const given: string[] = []
    mock.watch.watch(moving, () => given.push('moving'))
    const gone = new Promise<void>((resolve) =>
      mock.watch.watch(silent, () => {
        given.push('silent')
        resolve()
      }),
    )
    await loseStream(mock)
    moving.bytesMoved++
    expect(given).to.deep.equal([])
    mock.watch.loggedIn()
    await gone
    expect(given).to.deep.equal(['silent'])
    mock.watch.stop()
    await mock.stop()
  })
})
