/** Commands of somebody who has more shares and transfers than a form has room for. */

import { expect } from 'chai'
import { Access } from '../../../component/desk/access.js'
import { Marks } from '../../../component/desk/marks.js'
import type { OwnTransfer } from '../../../component/mediator/own-transfers.js'
import { Commands } from '../../../component/stock/commands.js'
import { ownCommands } from '../../../component/stock/own-commands.js'
import { type DataForm, nsCommands, readCommand, writeForm, xml } from '../../../schemas/index.js'
import { Refused } from '../../../wire/index.js'
import { entry, Stage } from '../catalogue/stage.js'

const faust = 'faust@goethe.example'

describe('commands of somebody who has more than a form has room for', function () {
  this.timeout(180_000)
  let stage: Stage
  let commands: Commands
  const aborted: string[] = []
  const named = (n: number) => `Share-${String(n).padStart(4, '0')}`
  before(async () => {
    stage = new Stage()
    const catalogue = await stage.open()
    for (const device of ['laptop', 'phone']) {
      for (let n = 0; n < 40; n++) {
        const share = named(n + (device === 'phone' ? 40 : 0))
        await stage.share(faust, [entry(`${share}.txt`)], { device, share })
      }
    }
    const free = { pass() {} }
    const means = {
      domain: 'files',
      catalogue,
      access: new Access(['*']),
      marks: new Marks(),
      gate: free,
      pace: free,
    }
    const transfer = (n: number): OwnTransfer => ({
      sid: String(n).padStart(32, '0'),
      isReceiving: false,
      peer: 'gretchen@goethe.example',
      filename: `${n}.txt`,
      phase: 'proposed',
    })
    const transfers = {
      transfersOf: async (_: string, most: number) =>
        Array.from({ length: 100 }, (_, n) => transfer(n)).slice(0, most),
      abortFor: async (_: string, sid: string) => void aborted.push(sid),
    }
    commands = new Commands(means, ownCommands(means, transfers), [])
  })
  after(() => stage.end())

  const say = async (node: string, fields?: Record<string, string>) => {
    const filled: DataForm | undefined = fields && {
      type: 'submit',
      fields: Object.entries(fields).map(([name, value]) => ({ var: name, values: [value] })),
    }
    const command = xml('command', { xmlns: nsCommands, node }, ...(filled ? [writeForm(filled)] : []))
    const said = await commands.say(`${faust}/1`, command)
    const { form } = readCommand(said)
    const note = said.getChildText('note')
    return { form, note }
  }

  it('show what fits, say how much there is, and let the one that is meant be written', async () => {
    const { form, note } = await say('my-shares')
    expect([form?.items?.length, note]).to.deep.equal([64, '80 shares; the first 64 are shown'])
    for (const node of ['unshare', 'abort']) {
      const { form: asked } = await say(node)
      expect(asked!.fields.map(({ type, required = false }) => [type, required])).to.deep.equal([
        ['list-single', false],
        ['text-single', false],
      ])
      expect(asked!.fields[0]!.options).to.have.length(64)
    }
  })

  it('take one by its name or id that is not in the list, and what is written before what is chosen', async () => {
    expect((await say('unshare', { share: named(0), written: named(79) })).note).to.equal(
      `${named(79)} is shared no longer.`,
    )
    expect((await say('unshare', { share: named(1), written: ' ' })).note).to.equal(
      `${named(1)} is shared no longer.`,
    )
    expect((await say('my-shares')).note).to.equal('78 shares; the first 64 are shown')
    await say('abort', { written: '9'.repeat(32) })
    expect(aborted).to.deep.equal(['9'.repeat(32)])
    const refused = await say('unshare', { written: 'nothing-like-it' }).catch((error) => error)
    expect(refused).to.be.instanceOf(Refused)
    expect(refused).to.include({ condition: 'item-not-found' })
  })

  it('take none by a name that two have', async () => {
    const { catalogue } = stage
    const name = { peer: faust, device: 'phone', share: named(78) }
    await catalogue.openShare(name, { name: named(2), visibleTo: { kind: 'everybody' }, tags: [] })
    // Its own id is a name as well: that is the one.
    expect((await say('unshare', { written: named(2) })).note).to.equal(`${named(2)} is shared no longer.`)
    const other = { peer: faust, device: 'phone', share: named(77) }
    await catalogue.openShare(other, { name: named(2), visibleTo: { kind: 'everybody' }, tags: [] })
    const several = await say('unshare', { written: named(2) })
    expect(several.note).to.equal(`Several of your shares are called ${named(2)}: write the id.`)
  })
})
