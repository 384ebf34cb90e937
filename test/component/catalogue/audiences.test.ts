/** Who may see a share, said again and again: what no share has any more does not stay. */

import { expect } from 'chai'
import { audiencesIn } from '../../../component/catalogue/audiences.js'
import { openForWriting } from '../../../component/catalogue/open-catalogue.js'
import { ok, Stage } from './stage.js'

describe('catalogue: audiences', function () {
  this.timeout(180_000)
  const stage = new Stage()
  after(() => stage.end())

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
