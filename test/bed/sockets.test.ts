/** Several sockets for one transfer, where a path is long and slow. How fast they are there is in `npm run bench:reach`. */
import { expect } from 'chai'
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
    const { used } = await cross(town, { mebibytes: 16 })
    expect(used).to.equal('direct')
    for (const { path } of ['A', 'B'].map(
      (home) => town.people[home as 'A'].heard('progress').at(-1)!.progress,
    ))
      expect(path).to.include({ kind: 'direct', sockets: 4 })
  })
})
