/** A network that moves under a stream: a stream that leads nowhere is not waited for. */
import { expect } from 'chai'
import { isStanding, moved } from '../../wire/index.js'
import { mockComponent } from './mock-component.js'
import { acceptComponent } from './mock-server.js'

describe('a stream that is doubted', () => {
  it('stands where anything comes back, and stays', async () => {
    const { talk, entity, lines, stop } = await mockComponent()
    const standing = isStanding(entity, 60_000)
    const [, id] = await talk.hear(/<iq [^>]*id="([0-9a-f]+)"[^>]*><ping/)
    talk.say(`<iq type='result' id='${id}' from='files.localhost' to='files.localhost'/>`)
    expect(await standing).to.equal(true)
    expect(entity.status).to.equal('online')
    expect(lines.filter(({ fields }) => fields.reason === 'silent')).to.deep.equal([])
    await stop()
  })

  it('is ended where nothing does, and comes back at once, however long it would have waited (P19)', async () => {
    const { server, entity, stop } = await mockComponent()
    expect(await isStanding(entity, 50)).to.equal(false)
    const back = await acceptComponent(server)
    expect(back.all).to.contain('handshake')
    await stop()
  })

  it('is asked when the addresses of the machine have changed, and not when it is away', async () => {
    const { talk, entity, stop } = await mockComponent()
    const stands = moved(entity)
    await talk.hear(/<ping/)
    await stop()
    expect(await stands).to.equal(false)
    expect(await moved(entity)).to.equal(false)
  })
})
