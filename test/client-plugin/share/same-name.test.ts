/** Two folders that are shared under one name, as `Music` of two disks. */

import { expect } from 'chai'
import { Stage } from './stage.js'

describe('two shares of one name', function () {
  this.timeout(60_000)
  let stage: Stage

  before(async () => {
    stage = await new Stage().open()
  })
  after(() => stage.close())

  it('are told apart by folder or id; by the name neither is taken back, since the other would stay', async () => {
    const { files } = await stage.person('faust')
    const one = await files.shares.add(stage.folder('one/Music', { a: '1' }))
    const two = await files.shares.add(stage.folder('two/Music', { b: '2' }))
    const refused = await files.shares.remove('Music').catch((error) => error)
    expect(refused).to.include({ code: 'bad-option' })
    expect(files.shares.list()).to.have.length(2)
    await files.shares.remove(two.folder)
    expect(files.shares.list().map(({ id }) => id)).to.deep.equal([one.id])
    await files.shares.remove('Music')
    expect(files.shares.list()).to.deep.equal([])
  })
})
