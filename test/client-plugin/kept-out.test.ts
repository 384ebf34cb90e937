/** `doctor` and a component that does not let an account in: that is no component that is away. */
import { expect } from 'chai'
import type { Ground } from '../../client-plugin/diagnosis/ground.js'
import { component } from '../../client-plugin/diagnosis/server-legs.js'
import { RequestRefused } from '../../wire/index.js'

const groundOf = (why: Error) =>
  ({
    server: 'goethe.example',
    settings: { component: 'files.goethe.example' },
    ask: () => Promise.reject(why),
  }) as unknown as Ground

describe('a diagnosis of who is kept out', () => {
  it('says so, and sends to the operator', async () => {
    const found = await component(groundOf(new RequestRefused('forbidden', 'auth')))
    expect(found).to.include({ verdict: 'fails' })
    expect(found.says).to.contain('does not let this account in')
    expect(found.todo).to.contain('operator')
  })

  it('is another one than where nobody answers', async () => {
    const found = await component(groundOf(new RequestRefused('service-unavailable', 'cancel')))
    expect(found.says).to.contain('is not connected to the server')
  })
})
