/** What is to be taken by a rule and cannot be: the sender hears why, and waits for nothing that will not come. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { Untaken } from '../../cli/holder/untaken.js'
import type { Report } from '../../cli/words.js'
import type { Offer } from '../../client-plugin/index.js'
import { type ChildCommand, startCommand } from '../../scripts/child-command.js'
import { type Person, type Playground, startPlayground } from '../../scripts/playground.js'

describe('what is to be taken by a rule and cannot be', function () {
  this.timeout(180_000)
  let ground: Playground
  let dir: string
  const children: ChildCommand[] = []

  before(async () => {
    ground = await startPlayground()
  })
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'jabberfs-untaken-'))
    mkdirSync(join(dir, 'into'))
  })
  afterEach(async () => {
    for (const child of children) child.kill('SIGKILL')
    await Promise.all(children.splice(0).map(({ ended }) => ended))
    for (const { state } of [ground.faust, ground.mephisto]) rmSync(state, { recursive: true, force: true })
    rmSync(dir, { recursive: true, force: true })
  })
  after(() => ground.stop())

  const start = (who: Person, ...args: string[]): ChildCommand => {
    const env = { JABBERFS_CONFIG: who.config, JABBERFS_TRUST: 'every' }
    const child = startCommand(args, { env, cwd: dir })
    children.push(child)
    return child
  }
  const receiving = async (...args: string[]): Promise<ChildCommand> => {
    const rule = ['--json', 'receive', '--from', 'contacts', '--into', join(dir, 'into'), ...args]
    const child = start(ground.mephisto, ...rule)
    await child.until(({ report }) => report === 'listening')
    return child
  }
  const failedOf = (filename: string) => (report: Report) =>
    report.report === 'error' && report.says.includes(filename)

  it('because the name is there and `--on-conflict skip` leaves it: declined, and both are told', async () => {
    const { faust, mephisto } = ground
    const there = join(dir, 'into', 'song.txt')
    writeFileSync(there, 'mine')
    writeFileSync(join(dir, 'song.txt'), 'another')
    const receiver = await receiving('--on-conflict', 'skip')
    const sender = start(faust, 'send', 'song.txt', mephisto.jid)
    expect((await sender.ended).code, sender.output()).to.equal(12)
    expect(sender.output()).to.match(
      /song\.txt .*The other side has a file of that name already, and keeps it\./,
    )
    const said = await receiver.until(failedOf('song.txt'))
    expect(said).to.include({ code: 'already-there', todo: 'Nothing was changed, and they are told so.' })
    expect(readFileSync(there, 'utf8')).to.equal('mine')
    const listed = start(faust, '--json', 'transfers', '--all')
    await listed.ended
    const rows = listed.reports.filter(({ report }) => report === 'transfer')
    expect(rows[0]).to.deep.include({ filename: 'song.txt', state: 'declined' })
    expect(rows[0]).to.have.nested.property('trouble.code', 'exists-there')
    // What comes next is not kept from anybody by that.
    writeFileSync(join(dir, 'other.txt'), 'new')
    const next = start(faust, 'send', 'other.txt', mephisto.jid)
    expect((await next.ended).code, next.output()).to.equal(0)
  })

  it('with `--once` the same, and the command ends with 12', async () => {
    writeFileSync(join(dir, 'into', 'song.txt'), 'mine')
    writeFileSync(join(dir, 'song.txt'), 'another')
    const receiver = await receiving('--on-conflict', 'skip', '--once')
    const sender = start(ground.faust, 'send', 'song.txt', ground.mephisto.jid)
    expect((await sender.ended).code, sender.output()).to.equal(12)
    expect((await receiver.ended).code, receiver.output()).to.equal(12)
  })

  it('because there is no room: the offer stands, and the sender hears why (P20)', async () => {
    writeFileSync(join(dir, 'vast.bin'), '')
    truncateSync(join(dir, 'vast.bin'), 4 * 1024 ** 4)
    const receiver = await receiving()
    const sender = start(ground.faust, 'send', 'vast.bin', ground.mephisto.jid)
    await sender.untilPrinted('The other side has no room for the file. It stands')
    expect(await receiver.until(failedOf('vast.bin'))).to.include({ code: 'no-space' })
    const listed = start(ground.faust, '--json', 'transfers')
    await listed.ended
    const row = listed.reports.find(({ report }) => report === 'transfer')
    expect(row).to.deep.include({ filename: 'vast.bin', state: 'proposed' })
  })

  it('is looked at again until there is room, or nobody offers it any more', async () => {
    const gone = new AbortController()
    const offer = { gone: gone.signal } as unknown as Offer
    const trouble = { code: 'no-space' as const, says: 'full', todo: 'free some' }
    let tried = 0
    const said: unknown[] = []
    await new Promise<void>((resolve) => {
      const again = async () => {
        if (++tried === 3) gone.abort()
        said.push(await untaken.heed(offer, trouble))
        if (tried === 3) resolve()
      }
      const untaken = new Untaken(() => void again(), false, 1)
      void untaken.heed(offer, trouble).then((first) => said.unshift(first))
    })
    expect(tried).to.equal(3)
    // It is said once.
    expect(said.map((each) => each !== undefined)).to.deep.equal([true, false, false, false])
  })
})
