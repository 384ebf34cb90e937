/** Ports mapped at a real router: miniupnpd in a network of its own. Only root can make one. */

import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { findProgram } from '../../../scripts/tied-process.js'
import { Bed } from '../../bed/bed.js'
import { ended } from '../../bed/namespace.js'

const missing = ['ip', 'nft', 'miniupnpd', 'nsenter'].filter((name) => findProgram(name) === undefined)
const canMake = process.getuid?.() === 0 && missing.length === 0

interface Said {
  [word: string]: unknown
}

/** A program in a home: what it says, line by line. */
class Home {
  private readonly lines: AsyncIterator<string>

  private constructor(readonly child: ChildProcess) {
    this.lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]()
  }

  static begin(bed: Bed, ...args: string[]): Home {
    const program = fileURLToPath(new URL('mapping-home.js', import.meta.url))
    const stdio = ['pipe', 'pipe', 'inherit'] as const
    return new Home(bed.lans.A.start(process.execPath, [program, ...args], { stdio: [...stdio] }))
  }

  async hears(): Promise<Said> {
    const { value, done } = await this.lines.next()
    if (done) throw new Error('the program in the home ended')
    return JSON.parse(value) as Said
  }

  goOn(): void {
    this.child.stdin!.write('\n')
  }
}

/** Somebody in the WAN gets in at the router's port. */
async function getsIn(bed: Bed, port: number): Promise<void> {
  const dial = `exec 3<>/dev/tcp/${bed.wanIp('A')}/${port} && read -n 4 word <&3 && [ "$word" = here ]`
  const [code] = await once(bed.server.start('timeout', ['20', 'bash', '-c', dial]), 'exit')
  expect(code, `port ${port}`).to.equal(0)
}

/** The rules by which the router lets in. */
function mappings(bed: Bed): string[] {
  const rules = bed.routers.A.run('nft', ['list', 'chain', 'inet', 'filter', 'prerouting_miniupnpd'])
  return rules.split('\n').filter((line) => line.includes('dnat'))
}

describe('ports mapped at a router', () => {
  const beds: Bed[] = []

  before(function () {
    if (canMake) return
    const why = missing.length > 0 ? `not installed: ${missing.join(' ')}` : 'only root can make a network'
    console.warn(`      skipped: mapping ports at a router (${why})`)
    this.skip()
  })
  afterEach(() => Promise.all(beds.splice(0).map((bed) => bed.close())))

  async function bedWith(plan: { upnp: boolean }): Promise<Bed> {
    const bed = await Bed.make({ A: { router: 'restricted', ...plan }, B: { router: 'open' } })
    beds.push(bed)
    return bed
  }

  it('by PCP, NAT-PMP and UPnP let people in, are renewed at the same port, and are taken back', async () => {
    const bed = await bedWith({ upnp: true })
    const home = Home.begin(bed)
    expect(await home.hears()).to.deep.equal({ network: { gateway: '192.168.1.1', own: '192.168.1.10' } })
    const mapping = { ip: bed.wanIp('A'), port: 24_000, inner: 24_000, lifetimeS: 1_800 }
    for (const name of ['pcp', 'nat-pmp', 'upnp']) {
      expect(await home.hears()).to.deep.equal({ name, mapping, renewed: mapping })
      await getsIn(bed, 24_000)
      home.goOn()
      expect(await home.hears()).to.deep.equal({ name, gone: true })
      expect(mappings(bed)).to.deep.equal([])
      home.goOn()
    }
    const { looked, first, second, late } = await home.hears()
    expect(['pcp', 'nat-pmp']).to.include(looked)
    const ip = bed.wanIp('A')
    expect({ first, second, late }).to.deep.equal({
      first: { ip, port: 24_000 },
      second: { ip, port: 24_001 },
      late: 'none',
    })
    await getsIn(bed, 24_000)
    home.goOn()
    const ways = ['mapped', 'mapped', 'released', 'released']
    expect(await home.hears()).to.deep.equal({ closed: ways, after: 'none' })
    expect(mappings(bed)).to.deep.equal([])
  })

  it('are none where the router maps none, whatever others in the network say of themselves', async () => {
    const bed = await bedWith({ upnp: false })
    bed.lans.A.ip(['addr add 192.168.1.66/24 dev lan'])
    const home = Home.begin(bed, 'among-liars', '192.168.1.66')
    const { asked, liesTold, visits } = await home.hears()
    expect(asked).to.deep.equal({ pcp: 'none', 'nat-pmp': 'none', upnp: 'none' })
    expect(liesTold).to.be.greaterThan(0)
    expect(visits).to.equal(0)
    await ended(home.child, 'SIGTERM')
    // And where there is no gateway, nobody is asked.
    bed.lans.A.ip(['route del default'])
    expect(await Home.begin(bed).hears()).to.deep.equal({ network: 'none' })
  })

  it('at a router behind another are taken back, not announced, and not asked for again and again', async () => {
    const bed = await bedWith({ upnp: false })
    const program = fileURLToPath(new URL('inner-router.js', import.meta.url))
    const router = bed.routers.A.start(process.execPath, [program], { stdio: ['ignore', 'pipe', 'inherit'] })
    const lines = createInterface({ input: router.stdout! })[Symbol.asyncIterator]()
    expect((await lines.next()).value).to.equal('listens')
    const { mapped, events } = await Home.begin(bed, 'behind-two').hears()
    expect(mapped).to.deep.equal(['none', 'none'])
    expect(events).to.deep.include({ kind: 'none', reason: 'not-public' })
    expect(events).to.deep.include({ kind: 'released', protocol: 'nat-pmp' })
    router.kill()
    const lifetimes: string[] = []
    for (let line = await lines.next(); !line.done; line = await lines.next()) lifetimes.push(line.value)
    expect([...new Set(lifetimes)]).to.deep.equal(['1800', '0'])
  })
})
