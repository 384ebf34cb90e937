/** What is to be taken by a rule and cannot be: the sender hears why, and waits for nothing that will not come. */
import { readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { Untaken } from '../../cli/holder/untaken.js'
import type { Report } from '../../cli/words.js'
import type { Offer } from '../../client-plugin/index.js'
import type { ChildCommand } from '../../scripts/child-command.js'
import { twoPeople } from './two-people.js'

describe('what is to be taken by a rule and cannot be', function () {
  this.timeout(180_000)
  const people = twoPeople('untaken', { env: { JABBERFS_TRUST: 'every' } })
  const { start } = people
  const receiving = async (...args: string[]): Promise<ChildCommand> => {
    const rule = ['--json', 'receive', '--from', 'contacts', '--into', people.into, ...args]
    const child = start(people.ground.mephisto, ...rule)
    await child.until(({ report }) => report === 'listening')
    return child
  }
  const failedOf = (filename: string) => (report: Report) =>
    report.report === 'error' && report.says.includes(filename)

  it('because the name is there and `--on-conflict skip` leaves it: declined, and both are told', async () => {
    const { faust, mephisto } = people.ground
    const there = join(people.into, 'song.txt')
    writeFileSync(there, 'mine')
    writeFileSync(join(people.dir, 'song.txt'), 'another')
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
    writeFileSync(join(people.dir, 'other.txt'), 'new')
    const next = start(faust, 'send', 'other.txt', mephisto.jid)
    expect((await next.ended).code, next.output()).to.equal(0)
  })

  it('with `--once` the same, and the command ends with 12', async () => {
    writeFileSync(join(people.into, 'song.txt'), 'mine')
    writeFileSync(join(people.dir, 'song.txt'), 'another')
    const receiver = await receiving('--on-conflict', 'skip', '--once')
    const sender = start(people.ground.faust, 'send', 'song.txt', people.ground.mephisto.jid)
    expect((await sender.ended).code, sender.output()).to.equal(12)
    expect((await receiver.ended).code, receiver.output()).to.equal(12)
  })

  it('because there is no room: the offer stands, and the sender hears why (P20)', async () => {
    writeFileSync(join(people.dir, 'vast.bin'), '')
    truncateSync(join(people.dir, 'vast.bin'), 4 * 1024 ** 4)
    const receiver = await receiving()
    const sender = start(people.ground.faust, 'send', 'vast.bin', people.ground.mephisto.jid)
    await sender.untilPrinted('The other side has no room for the file. It stands')
    expect(await receiver.until(failedOf('vast.bin'))).to.include({ code: 'no-space' })
    const listed = start(people.ground.faust, '--json', 'transfers')
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
