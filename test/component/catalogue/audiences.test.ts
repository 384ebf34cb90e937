/** Who may see a share, said again and again: what no share has any more does not stay. */

import { expect } from 'chai'
import { audiencesIn } from '../../../component/catalogue/audiences.js'
import { openForWriting } from '../../../component/catalogue/open-catalogue.js'
import { ok, Stage } from './stage.js'

const [faust, wagner] = ['faust@goethe.example', 'wagner@goethe.example'] as const

describe('catalogue: audiences', function () {
  this.timeout(180_000)
  const stage = new Stage()
  after(() => stage.end())

  it('of one peer there are so many, so that nobody whom they name is held up by them (P17)', async () => {
    await stage.open({ quotas: { audiencesPerPeer: 2 } })
    const { register, openShare } = stage.catalogue
    const said = async (peer: string, share: string, ...peers: string[]) => {
      const visibleTo = { kind: 'only' as const, domains: ['goethe.example'], peers }
      return openShare({ peer, device: 'laptop', share }, { name: 'x', tags: [], visibleTo })
    }
    for (const peer of [faust, wagner]) ok(await register({ peer, device: 'laptop' }))
    expect((await said(faust, 'a', 'x@h')).kind).to.equal('ok')
    expect((await said(faust, 'b', 'y@h')).kind).to.equal('ok')
    expect(await said(faust, 'c', 'z@h')).to.deep.equal({ kind: 'quota', of: 'audiences', used: 2, max: 2 })
    expect((await said(faust, 'c', 'y@h')).kind, 'one that is there').to.equal('ok')
    expect((await said(faust, 'a', 'z@h')).kind, 'in place of another').to.equal('ok')
    expect((await said(wagner, 'a', 'x@h')).kind, 'of somebody else').to.equal('ok')
    const all = { kind: 'everybody' as const }
    const open = { peer: faust, device: 'laptop', share: 'd' }
    expect((await openShare(open, { name: 'x', tags: [], visibleTo: all })).kind).to.equal('ok')
    await stage.catalogue.close()
  })

  it('of many that were said, those of shares stay, and few others (P16, P17)', async () => {
    const name = { peer: 'mephisto@goethe.example', device: 'laptop', share: 'stuff' }
    const victim = 'gretchen@goethe.example'
    const { register, openShare } = await stage.open()
    ok(await register(name))
    for (let n = 0; n < 300; n++) {
      const peers = [victim, `nobody-${n}@goethe.example`]
      ok(await openShare(name, { name: 'x', tags: [], visibleTo: { kind: 'only', domains: [], peers } }))
    }
    await stage.catalogue.close()
    const { db } = openForWriting(stage.path, { check: false })
    const named = () => db.prepare('select count(*) from audience_member where who = ?').pluck().get(victim)
    expect(named()).to.be.within(1, 128)
    audiencesIn(db).sweep()
    expect(named()).to.equal(1)
    db.close()
    await stage.open()
  })
})
