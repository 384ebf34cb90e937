/** What lasts: registrations for their time to live, what was answered over a full disk, and the catalogue over restarts. */

import { execFileSync } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { Stage } from '../stage.js'
import { everybody, file, Person, until } from './asking.js'

const day = 24 * 3_600_000

describe('a registration', () => {
  let stage: Stage
  let days = 0
  const clock = () => Date.now() + days * day
  after(() => stage?.close())

  it('ends thirty days after the last login of its device, with all that belongs to it', async () => {
    stage = await Stage.open({}, { clock })
    const faust = await Person.at(stage, 'faust')
    const gretchen = await Person.at(stage, 'gretchen')
    const mephisto = await Person.at(stage, 'mephisto')
    for (const person of [faust, gretchen]) {
      const { id, ttl } = await person.ask('register', {})
      expect({ id: id.length, ttl }).to.deep.equal({ id: 32, ttl: 30 * 24 * 3_600 })
      await person.share(`Lieder-${person.jid.slice(0, 4)}`, [
        file(`lied von ${person.jid.split('@')[0]}.mp3`),
      ])
    }
    await faust.device.logOut()
    days = 20
    // A login lives on; Faust does not come.
    await gretchen.device.logOut()
    await gretchen.device.logIn()
    await until(
      async () => (await mephisto.ask('peers', { which: 'online' })).peers.length as number,
      (count) => count === 1,
    )
    expect(await mephisto.find('lied')).to.have.lengthOf(2)
    days = 31
    await stage.component.stop()
    await stage.startComponent({ clock })
    const late = await Person.at(stage, 'late')
    await until(
      () => late.find('lied'),
      (paths) => paths.length === 1,
    )
    expect(await late.find('lied')).to.deep.equal(['lied von gretchen.mp3'])
    expect((await late.ask('peers', { which: 'all' })).peers).to.have.lengthOf(1)
  })
})

describe('a catalogue on a disk that is full (case 58, P20)', () => {
  let stage: Stage
  after(() => stage?.close())

  it('takes no changes, is searched as ever, and goes on when there is space', async function () {
    this.timeout(180_000)
    stage = await Stage.open()
    await stage.component.stop()
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=16m', 'tmpfs', stage.state], { stdio: 'ignore' })
    } catch {
      // Only root has a file system to fill.
      await stage.startComponent()
      console.warn('      skipped: a small disk needs the right to mount one')
      this.skip()
    }
    try {
      await stage.startComponent()
      const faust = await Person.at(stage, 'faust')
      await faust.ask('register', {})
      await faust.ask('share', { id: 'Lieder-01', name: 'Lieder', tags: [], visibility: everybody })
      const ballast = join(stage.state, 'ballast')
      try {
        for (let size = 16 * 2 ** 20; size >= 1; size >>= 1)
          writeFileSync(ballast, Buffer.alloc(size), { flag: 'a' })
      } catch {
        // As full as it gets.
      }
      let held = 0
      const publish = () => {
        const adds = Array.from({ length: 40 }, (_, at) => file(`lied ${held + 1} strophe ${at}.mp3`))
        return faust.refused('publish', { share: 'Lieder-01', base: held, seq: held + 1, removes: [], adds })
      }
      let outcome = await publish()
      while (outcome === 'result' || outcome === 'policy-violation/wait retry') {
        if (outcome === 'result') held++
        outcome = await publish()
      }
      expect(outcome).to.equal('resource-constraint/wait retry')
      if (held > 0) expect(await faust.find('lied 1')).not.to.deep.equal([])
      expect((await faust.ask('shares', {})).shares).to.have.lengthOf(1)
      rmSync(ballast)
      await until(publish, (answer) => answer === 'result')
      held++
      expect((await faust.ask('shares', {})).shares[0]).to.include({ seq: held, files: held * 40 })
    } finally {
      await stage.component.stop()
      execFileSync('umount', [stage.state])
      await stage.startComponent()
    }
  })
})
