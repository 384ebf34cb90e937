/**
 * Two people behind routers, for as long as a test may take: the three kinds of paths, and a home that gets another address.
 * All pairs, with delay, UPnP, IPv6 and other servers, are in `npm run bench:reach`.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { networkInterfaces } from 'node:os'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { Bed } from './bed.js'
import { type Crossing, cross } from './crossing.js'
import { pathDue } from './due.js'
import { Town } from './people.js'
import { probe } from './probing.js'
import { routerKinds } from './router.js'
import { leftOut } from './there.js'

describe('people behind routers', function () {
  this.timeout(180_000)
  let town: Town

  before(async function () {
    if (leftOut('people behind routers')) this.skip()
    town = await Town.make({
      A: { router: 'full-cone' },
      B: { router: 'restricted' },
      weather: { roundTripMs: 20, mbitPerSecond: 200 },
    })
  })
  after(() => town?.close())

  /** Crosses; once more where this machine was so busy that a path was given up which would have come. */
  async function crossed(plan: Parameters<typeof cross>[1], isDue: (crossing: Crossing) => boolean) {
    let crossing = await cross(town, plan)
    for (let more = 0; more < 2 && !isDue(crossing); more++) crossing = await cross(town, plan)
    return crossing
  }

  it('reach each other directly where one router lets everybody in at a port that is open', async () => {
    const { used } = await crossed({ mebibytes: 1 }, ({ used }) => used === 'direct')
    expect(used).to.equal('direct')
  })

  it('reach each other by dialling at once where both let in whom they wrote to, also from a new address', async () => {
    town.bed.become('A', 'restricted')
    const { used, usedAfter } = await crossed(
      { mebibytes: 16, cut: { how: 'move', home: 'A' } },
      ({ used, usedAfter }) => used === 'punch' && usedAfter === 'punch',
    )
    expect([used, usedAfter]).to.deep.equal(['punch', 'punch'])
  })

  it('reach each other through the server where one has another port for each of the others', async () => {
    town.bed.become('A', 'symmetric')
    const neither = /direct: .*punch: /
    const { used, why } = await crossed(
      { mebibytes: 1 },
      ({ used, why }) => (used === 'proxy' || used === 'turn') && neither.test(why.join()),
    )
    expect(used).to.be.oneOf(['proxy', 'turn'])
    expect(why.join()).to.match(neither)
  })
})

describe('the routers of the bed', function () {
  this.timeout(180_000)

  before(function () {
    if (leftOut('the routers of the bed')) this.skip()
  })

  for (const [A, B] of [
    ['open', 'full-cone'],
    ['restricted', 'symmetric'],
  ] as const) {
    it(`${A} and ${B} let in and map as they are said to`, async () => {
      const bed = await Bed.make({ A: { router: A }, B: { router: B } })
      try {
        for (const [home, kind] of [['A', A] as const, ['B', B] as const]) {
          const seen = await probe(bed, home)
          expect(seen, kind).to.deep.equal({
            translates: kind !== 'open',
            onePort: kind !== 'symmetric',
            letsStrangersIn: kind === 'open' || kind === 'full-cone',
          })
        }
      } finally {
        await bed.close()
      }
    })
  }
})

describe('the bed', function () {
  this.timeout(180_000)

  before(function () {
    if (leftOut('the bed')) this.skip()
  })

  it('leaves nothing behind, nor anything in the network of the machine, when who made it is killed', async () => {
    const ours = () => [readFileSync('/proc/net/dev', 'utf8').replaceAll(/\d+/g, ''), networkInterfaces()]
    const before = JSON.stringify(ours())
    const child = fork(fileURLToPath(new URL('./bed-program.js', import.meta.url)))
    const [pids] = (await once(child, 'message')) as [number[]]
    expect(pids.length).to.equal(6)
    child.kill('SIGKILL')
    while (pids.some((pid) => existsSync(`/proc/${pid}/ns/net`))) await wait(20)
    expect(JSON.stringify(ours())).to.equal(before)
  })
})

describe('the path that is due', () => {
  it('is direct, mapped, punched or a relay, by what the two routers let in, whoever sends', () => {
    const due = routerKinds.map((a) => routerKinds.map((b) => pathDue({ router: a }, { router: b })))
    expect(due).to.deep.equal([
      ['direct', 'direct', 'direct', 'direct'],
      ['direct', 'direct', 'direct', 'direct'],
      ['direct', 'direct', 'punch', 'relay'],
      ['direct', 'direct', 'relay', 'relay'],
    ])
    expect(pathDue({ router: 'symmetric', upnp: true }, { router: 'symmetric' })).to.equal('mapped')
    expect(pathDue({ router: 'symmetric', upnp: true }, { router: 'open' })).to.equal('direct')
    const six = { router: 'symmetric', ipv6: true } as const
    expect([pathDue(six, six), pathDue(six, { router: 'symmetric' })]).to.deep.equal(['punch', 'relay'])
  })
})
