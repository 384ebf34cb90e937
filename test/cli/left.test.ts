/** Ctrl-C where the other side has not answered for so long that it is shown to be away. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { kind } from './reports.js'
import { twoPeople } from './two-people.js'

describe('a get that waits for somebody who is away', function () {
  this.timeout(120_000)
  const people = twoPeople('left', { env: { JABBERFS_TRUST: 'every' } })

  it('ends at Ctrl-C though another jabberfs holds it, which goes on with it', async () => {
    const { faust, mephisto } = people.ground
    const { start, dir } = people
    mkdirSync(join(dir, 'songs'))
    writeFileSync(join(dir, 'songs', 'girl.txt'), 'my girl')
    const sharing = start(faust, 'share', 'songs', '--once')
    expect((await sharing.ended).code, sharing.output()).to.equal(0)
    const holder = start(mephisto, '--json', 'serve')
    await holder.until(kind('serving'))
    const getting = start(mephisto, 'get', faust.jid, 'songs/girl.txt', '--into', 'into')
    await getting.untilPrinted('waits for the other side')
    getting.kill('SIGINT')
    const left = await Promise.race([getting.ended, new Promise<void>((late) => setTimeout(late, 10_000))])
    expect(left?.code, getting.output()).to.equal(130)
    expect(getting.output()).to.match(/girl\.txt from faust@localhost: still asked for; `jabberfs resume/)
    start(faust, 'serve')
    await holder.until(kind('finished'))
  })
})
