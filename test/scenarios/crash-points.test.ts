/**
 * Every point at which a receiving program can die while it makes a file durable and gives it its name: the file is there
 * once, whole, and all three agree on the end.
 */

import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect } from 'chai'
import type { Peer } from './peer.js'
import { digestOf, mebibyte, randomFile, Stage } from './stage.js'
import type { CrashPoint } from './words.js'

describe('a receiving program that dies at one exact call', function () {
  this.timeout(180_000)
  const stage = new Stage()
  let faust: Peer
  let mephisto: Peer

  before(async () => {
    await stage.open()
    ;[faust, mephisto] = await Promise.all([stage.peer('faust'), stage.peer('mephisto')])
    // The other one has a new device in each round.
    await faust.begin({ trust: 'every' })
  })
  after(() => stage.close())

  /** @returns whether it died */
  async function round({ call, when }: CrashPoint, meanwhile = () => {}): Promise<boolean> {
    const into = mephisto.folder()
    await mephisto.begin({}, { offers: { into } })
    await mephisto.order('crash', { call, when })
    const { path, digest } = randomFile(faust.folder(), 'my_girl.jpg', 3 * mebibyte)
    const { key } = await faust.order('send', { peer: mephisto.jid, path })
    const sent = faust.finished(key)
    const died = await mephisto.endsBefore(sent)
    if (died) {
      meanwhile()
      await mephisto.revive()
    }
    const { path: here, root, code } = await sent
    expect(code, `${when} call ${call}`).to.equal(undefined)
    expect(root).to.have.length(64)
    expect(here).to.equal(path)
    await mephisto.order('crash', { call: 0, when })
    // After the word `complete` nothing is left to be done but tidying up.
    await mephisto.order('resume', {})
    expect(readdirSync(into), `${when} call ${call}`).to.deep.equal(['my_girl.jpg'])
    expect(digestOf(`${into}/my_girl.jpg`)).to.equal(digest)
    return died
  }

  for (const when of ['before', 'after'] as const) {
    it(`leaves one whole file and one end, killed ${when} each call (case 93, P1, P2, P3, P6)`, async () => {
      let call = 1
      while (await round({ call, when })) call++
      expect(call).to.be.greaterThan(4)
    })
  }

  /** What the journal does not bring to the disk at once, and a machine without power forgets: that words were heard. */
  function forgetHeard(): void {
    const journal = new Database(join(mephisto.state, 'journal.sqlite'))
    const rows = journal.prepare('select n, record from transfer').all() as { n: number; record: string }[]
    for (const { n, record } of rows) {
      const known = JSON.parse(record)
      if (known.phase !== 'running' && known.phase !== 'complete') continue
      const action = known.phase === 'complete' ? 'complete' : 'accept'
      const unheard = JSON.stringify({ saying: { action }, ...known })
      journal.prepare('update transfer set ended = 0, record = ? where n = ?').run(unheard, n)
    }
    journal.close()
  }

  it('leaves one whole file and one end, also where the journal has lost that its words were heard (P4, P6)', async () => {
    let call = 1
    while (await round({ call, when: 'after' }, forgetHeard)) call++
    expect(call).to.be.greaterThan(4)
  })
})
