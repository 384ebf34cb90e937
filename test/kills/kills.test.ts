/** The short run of the kills: each victim twice, in the middle of a file. The long one is `npm run test:kill`. */

import { expect } from 'chai'
import { seed } from '../seed.js'
import { drawFrom } from './draw.js'
import { tell, victims } from './story.js'
import { openTown, type Town } from './town.js'

describe('kill -9 in the middle of a file', () => {
  let town: Town
  const draw = drawFrom(seed)

  before(async function () {
    this.timeout(30_000)
    town = await openTown()
  })
  after(() => town?.stop())

  for (const victim of victims) {
    it(`of the ${victim}, once or twice (seed ${seed}): the file arrives identical, once (case 81, P1, P4, P6, P19)`, async function () {
      this.timeout(120_000)
      const { kills } = await tell(town, draw, 64, [victim, victim])
      expect(kills).to.have.length.within(1, 2)
    })
  }

  it('and the component says the same of each, in a sound database (P6, P7)', async () => {
    expect(await town.componentsRecord()).to.deep.equal({ complete: victims.length })
  })
})
