/** What an administrator reads of the figures: words, for a client shows nothing else. */
import { expect } from 'chai'
import { adminCommands } from '../../../component/stock/admin-commands.js'
import { Stage } from '../stage.js'

describe('the figures for administrators', () => {
  it('each have a label in words, whoever counts them', async () => {
    const stage = await Stage.open()
    try {
      const catalogue = {
        statistics: async () => ({ peers: 1, devices: 2, online: 1, shares: 3, entries: 4, searches: 0 }),
      }
      const figures = () => ({ ...stage.component.figures() })
      const commands = adminCommands({ catalogue } as never, { figures } as never)
      const { form } = (await commands
        .find(({ node }) => node === 'statistics')!
        .run('root@localhost', undefined)) as never as {
        form: { fields: { var: string; label: string }[] }
      }
      expect(form.fields).to.have.length.greaterThan(9)
      for (const { var: name, label } of form.fields) expect(label, name).to.match(/^[A-Z][a-z]+( |s$)/)
    } finally {
      await stage.close()
    }
  })
})
