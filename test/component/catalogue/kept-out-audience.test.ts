/** Whom the operator keeps out, and lets in again: his shares are for those they were for, whatever others said meanwhile. */

import { expect } from 'chai'
import { entry, ok, Stage } from './stage.js'

const witch = 'hexe@blocksberg.example'
const me = 'gretchen@goethe.example'
const outsider = 'mephisto@elsewhere.example'

describe('catalogue: the audience of somebody who is kept out', function () {
  this.timeout(180_000)
  const stage = new Stage()
  after(() => stage.end())

  it('stays what it was, though so many others are made that those of no share are forgotten (P11)', async () => {
    const { keepOut, openShare, register } = await stage.open()
    await stage.share(witch, [entry('broom.txt')], {
      visibleTo: { kind: 'only', domains: [], peers: [me] },
    })
    expect(await stage.paths(me, 'broom')).to.deep.equal(['broom.txt'])
    await keepOut(witch, true)
    const name = { peer: outsider, device: 'laptop', share: 'stuff' }
    ok(await register(name))
    for (let n = 0; n < 300; n++) {
      const peers = [outsider, `nobody-${n}@goethe.example`]
      ok(await openShare(name, { name: 'x', tags: [], visibleTo: { kind: 'only', domains: [], peers } }))
    }
    expect(await stage.paths(me, 'broom')).to.deep.equal([])
    await keepOut(witch, false)
    expect(await stage.paths(me, 'broom')).to.deep.equal(['broom.txt'])
    expect(await stage.paths(outsider, 'broom')).to.deep.equal([])
  })
})
