/** Several sockets for one transfer, where a path is long and slow. How fast they are there is in `npm run bench:reach`. */
import { expect } from 'chai'
import type { Home } from './bed.js'
import { cross } from './crossing.js'
import { Town } from './people.js'
import { leftOut } from './there.js'

describe('a long and slow path', function () {
  this.timeout(180_000)
  let town: Town

  before(async function () {
    if (leftOut('a long and slow path')) this.skip()
    town = await Town.make({
      A: { router: 'full-cone' },
      B: { router: 'restricted' },
      weather: { roundTripMs: 50, mbitPerSecond: 24, lossPercent: 0.1 },
    })
  })
  after(() => town?.close())

  it('gets four sockets, through the same port of the same router, and the file is what was sent', async () => {
    const mostOf = (home: Home) =>
      Math.max(...town.people[home].heard('progress').map(({ progress }) => progress.path?.sockets ?? 1))
    let most: number[] = []
    // A machine that halts for a second shows rates that more sockets seem to be no help for: then the next file is one for them.
    for (let file = 0; file < 4 && most.join() !== '4,4'; file++) {
      const { used } = await cross(town, { mebibytes: 16 })
      expect(used).to.equal('direct')
      most = [mostOf('A'), mostOf('B')]
    }
    expect(most).to.deep.equal([4, 4])
  })
})
