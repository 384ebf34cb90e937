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
    const due = ['direct', 4, 4]
    let seen: unknown[] = []
    // A machine that halts for a second may find another path, or rates that more sockets seem to be no help for: then the next file
    // goes as it should.
    for (let file = 0; file < 4 && seen.join() !== due.join(); file++) {
      const { used } = await cross(town, { mebibytes: 16 })
      seen = [used, mostOf('A'), mostOf('B')]
    }
    expect(seen).to.deep.equal(due)
  })
})
