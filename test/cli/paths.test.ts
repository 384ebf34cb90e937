/** `--path`, `path`, and how the path taken is shown. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { pathAndWhy, pathSentence } from '../../cli/screen/path-sentences.js'
import { detourText, sentence } from '../../cli/screen/sentences.js'
import type { Report } from '../../cli/words.js'
import type { PathTaken } from '../../client-plugin/index.js'
import { startCommand } from '../../scripts/child-command.js'
import { type Person, type Playground, startPlayground } from '../../scripts/playground.js'

const relayed: PathTaken = {
  kind: 'proxy',
  dialled: true,
  family: 4,
  why: [
    'direct: timeout',
    'direct: timeout',
    'punch: no STUN server',
    'direct: connect ECONNREFUSED',
    'odd\u001b',
  ],
}
const named = {
  no: 1,
  key: 'ab'.repeat(16),
  direction: 'sending',
  peer: 'mephisto@goethe.example',
  filename: 'my_girl.jpg',
  filesize: 100,
} as const

describe('the path of a transfer', () => {
  it('is shown with why the cheaper ones did not win (case 87)', () => {
    expect(pathAndWhy(relayed)).to.equal(
      'over the server’s relay: no direct path (timeout; connect ECONNREFUSED), no simultaneous open (no STUN server)',
    )
    expect(pathAndWhy({ ...relayed, kind: 'mapped', why: [] })).to.equal(
      'through a port mapped at the router',
    )
    const progress = {
      report: 'progress',
      ...named,
      bytes: 1,
      total: 100,
      bytesPerSecond: 1,
      resumedFrom: 0,
      attempt: 1,
    } as const
    expect(detourText({ ...progress, path: relayed })).to.match(/^my_girl\.jpg: over the server’s relay/)
    expect(detourText({ ...progress, path: { ...relayed, kind: 'direct', why: [] } })).to.equal(undefined)
    const listed: Report = { report: 'transfer', ...named, state: 'moving', bytes: 50, path: relayed }
    expect(sentence(listed)).to.contain('moves 50 % over the server’s relay  my_girl.jpg')
    expect(pathSentence({ report: 'path', peer: named.peer, policy: 'relay' })).to.match(
      /no address of yours/,
    )
  })

  describe('on a server with a proxy', function () {
    this.timeout(180_000)
    let ground: Playground
    let dir: string
    before(async () => {
      ground = await startPlayground({ prosody: { proxies: ['proxy.localhost'] } })
      dir = mkdtempSync(join(tmpdir(), 'jabberfs-cli-'))
      mkdirSync(join(dir, 'into'))
      writeFileSync(join(dir, 'a.bin'), Buffer.alloc(300_000, 1))
    })
    after(async () => {
      await ground.stop()
      rmSync(dir, { recursive: true, force: true })
    })
    const start = (who: Person, ...args: string[]) =>
      startCommand(args, { env: { JABBERFS_CONFIG: who.config }, cwd: dir })
    const kindsOf = (reports: Report[]) => [
      ...new Set(
        reports.flatMap((report) => (report.report === 'progress' && report.path ? [report.path.kind] : [])),
      ),
    ]

    it('is a relay where one asks for it, for this transfer or for good', async () => {
      const { faust, mephisto } = ground
      const receiving = start(mephisto, '--json', 'receive', '--into', 'into', '--from', faust.jid)
      await receiving.until(({ report }) => report === 'listening')
      const once = start(faust, '--json', 'send', '--path', 'relay', 'a.bin', mephisto.jid)
      expect((await once.ended).code, once.output()).to.equal(0)
      expect(kindsOf(once.reports)).to.deep.equal(['proxy'])
      const chosen = start(faust, 'path', mephisto.jid, 'relay')
      expect((await chosen.ended).code).to.equal(0)
      const forGood = start(faust, '--json', 'send', 'a.bin', mephisto.jid)
      expect((await forGood.ended).code, forGood.output()).to.equal(0)
      expect(kindsOf(forGood.reports)).to.deep.equal(['proxy'])
      receiving.kill('SIGINT')
      await receiving.ended
    })
  })
})
