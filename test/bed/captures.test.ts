/** What really goes over the wire, counted where it passes: who is knocked at, and who is not. */
import { expect } from 'chai'
import { randomFile } from '../scenarios/stage.js'
import { server } from './bed.js'
import { counting, countingAll } from './counting.js'
import { cross } from './crossing.js'
import type { Namespace } from './namespace.js'
import { Town } from './people.js'
import { startProber } from './probing.js'
import { places } from './servers.js'
import { leftOut } from './there.js'

/** A web server of somebody who has no part in it. */
const victim = { ip: server.other, port: 30_080 }
const toVictim = `ip daddr ${victim.ip}`
const hex = (digits: number) => 'a1'.repeat(digits / 2)

describe('packets on the wire', function () {
  this.timeout(180_000)
  let town: Town

  before(async function () {
    if (leftOut('packets on the wire')) this.skip()
    // Every way is open here, so that what is not used is left out on purpose.
    town = await Town.make({ A: { router: 'open' }, B: { router: 'open' } })
    const prober = startProber(town.bed.server)
    await prober.ask({ listen: victim.port })
  })
  after(() => town?.close())

  /** SYNs that leave a home for anything but the stream of XMPP. */
  const leaving = (home: 'A' | 'B', but: string) =>
    counting(town.bed.routers[home], 'forward', `iifname lan ${but}`)
  const within = (where: Namespace, what: string) => counting(where, 'input', what)

  it('a hundred offers with candidates in them make nobody dial anybody (case 65)', async () => {
    const { A, B } = town.people
    await B.beginAgain({ allowLoopback: false, listen: {} }, { offers: 'ask' })
    const dials = leaving('B', `tcp dport != ${places.c2s}`)
    const knocks = within(town.bed.server, toVictim)
    const way = `<listening><candidate kind='host'><ip>${victim.ip}</ip><port>${victim.port}</port></candidate></listening>`
    const offer = (n: number) =>
      `<offer xmlns='jabberfs:transfer:1' id='many-offers-${n}' peer='${B.jid}'><file><filename>many-${n}</filename><filesize>1</filesize>` +
      `<hash-used xmlns='urn:xmpp:hashes:2' algo='jabberfs-blake3-root'/></file>${way}</offer>`
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, n) => A.order('say', { to: A.plan.component, payload: offer(n) })),
    )
    // So many may wait between two, and those were all shown.
    const taken = answers.flatMap((answer, n) => (answer === 'result' ? [n] : []))
    expect(taken).to.have.length(16)
    for (const n of taken) await B.hear('offer', ({ filename }) => filename === `many-${n}`)
    expect([dials.syns(), knocks.syns()]).to.deep.equal([0, 0])
    for (const n of taken) {
      const payload = `<abort xmlns='jabberfs:transfer:1' id='many-offers-${n}'/>`
      expect(await A.order('say', { to: A.plan.component, payload })).to.equal('result')
    }
    expect([dials.syns(), knocks.syns()]).to.deep.equal([0, 0])
  })

  it('a victim’s address gets no packet before the accept, and a connect for each candidate after it (case 64)', async () => {
    const { A, B } = town.people
    const at = `<ip>${victim.ip}</ip><port>${victim.port}</port>`
    const candidates = `<candidate kind='host'>${at}</candidate><candidate kind='proxy'>${at}<dst>${hex(40)}</dst></candidate><candidate kind='turn'>${at}</candidate>`
    // It does not come by another way itself, B cannot be reached, and its attempt is short.
    await A.beginAgain({ allowLoopback: false, listen: {}, path: 'direct' }, { candidates })
    await B.beginAgain({ allowLoopback: false, listen: false, linkDeadlineMs: 1_200 }, { offers: 'ask' })
    const knocks = within(town.bed.server, toVictim)
    /** The first one began before anybody listened. */
    const attempts = () => 1 + B.heard('state').filter(({ state }) => state === 'linking').length
    const { path } = randomFile(town.dir, 'bait.bin', 10)
    await A.order('send', { peer: B.jid, path })
    const { sid } = await B.hear('offer', ({ filename }) => filename === 'bait.bin')
    expect(knocks.syns()).to.equal(0)
    await B.order('answer', { sid, accept: { into: town.into } })
    // An attempt that had to wait for the machine too long dials nobody: then the next one does.
    await B.hear(
      'state',
      ({ state, code }) => state === 'waiting' && code === 'unreachable' && knocks.syns() > 0,
    )
    await B.order('abort', { key: sid })
    expect(knocks.syns()).to.be.within(1, 3 * attempts())
  })

  for (const home of ['A', 'B'] as const) {
    it(`home ${home} opens nothing direct and tells no address where it wants relays only (case 69)`, async () => {
      const { bed, people } = town
      const other = home === 'A' ? 'B' : 'A'
      const options = { allowLoopback: false, listen: {} }
      const manners = { offers: { into: town.into } }
      await people[home].beginAgain({ ...options, path: 'relay' }, home === 'B' ? manners : {})
      await people[other].beginAgain(options, home === 'A' ? manners : {})
      const direct = leaving(home, `ip daddr != ${server.ip}`)
      const back = counting(bed.routers[home], 'forward', `oifname lan`)
      // From the machine itself: no name is looked up, no router and no multicast group is asked.
      const any = countingAll(bed.lans[home], `ip daddr != { ${server.ip}, 127.0.0.0/8 }`)
      const { used } = await cross(town, { mebibytes: 1 })
      expect(used).to.be.oneOf(['proxy', 'turn'])
      expect([direct.syns(), back.syns(), any.packets()]).to.deep.equal([0, 0, 0])
      const said = (await people[home].order('said', null)).join('')
      expect(said).to.include('<candidate ')
      for (const own of [bed.lanIp(home), bed.wanIp(home)]) expect(said).not.to.include(own)
    })
  }
})
