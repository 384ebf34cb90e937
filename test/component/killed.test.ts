/**
 * The component's process is killed by -9 while it works, again and again, and ended by SIGTERM under load.
 * `JABBERFS_KILLS=200` makes the long run of the first.
 */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { expect } from 'chai'
import { openDatabase } from '../../component/store/open.js'
import { type PrivateProsody, startProsody } from '../../scripts/private-prosody.js'
import { RequestFailed, RequestRefused } from '../../wire/index.js'
import { seed } from '../seed.js'
import { randomOf } from './cable.js'
import { ChildComponent } from './child-component.js'
import { type Device, deviceAt, newOfferId, refusalOf, someFile } from './stage.js'

const kills = Number(process.env.JABBERFS_KILLS ?? 4)

describe('a component that is killed', () => {
  let prosody: PrivateProsody
  let component: ChildComponent
  let state: string
  let faust: Device
  let mephisto: Device

  before(async () => {
    state = mkdtempSync(join(tmpdir(), 'jabberfs-killed-'))
    prosody = await startProsody()
    component = new ChildComponent(prosody, state, {
      JABBERFS_COMPONENT_LIMITS_PER_JID_PER_SECOND: '100000',
      JABBERFS_COMPONENT_LIMITS_PER_JID_BURST: '100000',
    })
    await component.start()
    faust = await device('faust')
    mephisto = await device('mephisto')
  })
  after(async () => {
    await Promise.all([faust?.entity.stop(), mephisto?.entity.stop()])
    await component?.end('SIGKILL')
    await prosody?.stop()
    rmSync(state, { recursive: true, force: true })
  })

  const device = (name: string) => deviceAt(prosody, name)

  /** Until it is answered, whatever is down meanwhile; what is not after so long stands still, and says how. */
  async function insist(who: Device, say: (patienceMs: number) => Promise<unknown>): Promise<void> {
    const until = performance.now() + 120_000
    for (let patienceMs = 500; ; patienceMs = Math.min(8_000, 1.5 * patienceMs)) {
      try {
        await say(patienceMs)
        return
      } catch (error) {
        if (performance.now() > until) {
          const log = component.log.split('\n').slice(-8).join('\n')
          throw new Error(`never answered; the component said ${log}`, { cause: error })
        }
        if (error instanceof RequestRefused) {
          if (error.app?.name === 'login-required') await who.sayLogIn()
          else if (error.type !== 'wait') throw error
        } else if (!(error instanceof RequestFailed)) throw error
        await pause(50)
      }
    }
  }

  it(`by -9, ${kills} times, has everything that it answered, and a sound file (case 57, P7; seed ${seed})`, async function () {
    this.timeout(180_000 + kills * 20_000)
    const random = randomOf(seed)
    const answered = new Map<string, string>()
    let working = true
    const last = newOfferId()
    const seen = new Set<string>()
    let news = () => {}
    // Mephisto declines whatever comes up to the last, so that nothing piles up: more than 16 unanswered are refused.
    const decline = (async () => {
      while (answered.get(last) !== 'declined') {
        const { action, value } = await mephisto.heard.next()
        if (action !== 'offer' || seen.has(value.sid!)) continue
        seen.add(value.sid!)
        await insist(mephisto, (patienceMs) =>
          mephisto.say('decline', { sid: value.sid, block: false, over: false }, patienceMs),
        )
        answered.set(value.id!, 'declined')
        news()
      }
    })()
    const offer = async () => {
      while (working) {
        const id = newOfferId()
        const value = { id, peer: mephisto.bare, every: false, files: [someFile()] }
        await insist(faust, (patienceMs) => faust.say('offer', value, patienceMs))
        if (!answered.has(id)) answered.set(id, 'offered')
        news()
      }
    }
    const offers = [offer(), offer(), offer(), offer()]
    for (let kill = 0; kill < kills; kill++) {
      // After so many answers, and then at any instant.
      let left = 5 + Math.floor(random() * 40)
      await new Promise<void>((resolve) => {
        news = () => {
          if (--left === 0) resolve()
        }
      })
      news = () => {}
      await pause(random() * 5)
      await component.end('SIGKILL')
      const mustBe = new Map(answered)
      const db = openDatabase(join(state, 'component.sqlite'))
      expect(db.pragma('integrity_check', { simple: true })).to.equal('ok')
      expect(db.pragma('foreign_key_check')).to.deep.equal([])
      const phaseOf = db.prepare(
        'select group_concat(phase) from offer left join transfer on transfer.offer = offer.id where name = ?',
      )
      for (const [id, what] of mustBe) {
        const phase = phaseOf.pluck().get(id)
        if (what === 'declined') expect(phase, id).to.equal('declined')
        expect(phase, id).not.to.equal(undefined)
      }
      db.close()
      await component.start()
    }
    working = false
    await Promise.all(offers)
    // Mephisto may be far behind on a busy machine: he goes on declining until he has come to this one.
    await insist(faust, (patienceMs) =>
      faust.say('offer', { id: last, peer: mephisto.bare, every: false, files: [someFile()] }, patienceMs),
    )
    await decline
    expect(answered.size).to.be.greaterThan(kills * 5)
  })

  it('by SIGTERM under load answers everybody, with "later" if it must, and exits with 0 (case 111, P15)', async function () {
    this.timeout(180_000)
    const offer = () =>
      refusalOf(
        faust.say('offer', { id: newOfferId(), peer: 'wagner@localhost', every: false, files: [someFile()] }),
      ).catch((error: unknown) => {
        if (error instanceof RequestFailed) return error.code
        throw error
      })
    /** What everybody heard. */
    const ending = async () => {
      // He is logged in.
      const first = { id: newOfferId(), peer: 'gretchen@localhost', every: false, files: [someFile()] }
      await insist(faust, (patienceMs) => faust.say('offer', first, patienceMs))
      const outcomes = Array.from({ length: 200 }, offer)
      await outcomes[0]
      const ended = component.end('SIGTERM')
      outcomes.push(...Array.from({ length: 200 }, offer))
      expect(await ended).to.equal(0)
      const kinds = new Set(await Promise.all(outcomes))
      await component.start()
      return kinds
    }
    let kinds = await ending()
    // Where Prosody was halted just then, it goes on to give us words after we have left: those are lost.
    for (let more = 0; more < 2 && kinds.has('timeout'); more++) kinds = await ending()
    // 16 to one peer may wait; Prosody answers for a component that is gone.
    for (const kind of kinds) {
      expect([
        'result',
        'resource-constraint/wait quota',
        'resource-constraint/wait retry',
        'remote-server-timeout/wait',
      ]).to.include(kind)
    }
  })

  it('writes no secret, token or address into its log (case 107, P22)', () => {
    expect(component.log).to.include('stopped')
    expect(component.log).not.to.include(prosody.secret)
    expect(component.log).not.to.match(/\b\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}\b/)
    for (const line of component.log.trim().split('\n')) expect(JSON.parse(line)).to.have.property('level')
  })
})
