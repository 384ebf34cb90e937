/** Who is online in the catalogue follows who is here, whatever fails in between; only the stream is a fake. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import type { Session } from '../../../component/attendance/logins.js'
import { type Catalogue, openCatalogue } from '../../../component/catalogue/catalogue.js'
import { Presence } from '../../../component/desk/presence.js'
import { keepUp } from '../../../component/desk/upkeep.js'
import { StoreFailed } from '../../../component/store/store-failed.js'
import { until } from './asking.js'

describe('presence in the catalogue', () => {
  const dir = mkdtempSync(join(tmpdir(), 'jabberfs-presence-'))
  let catalogue: Catalogue
  let presence: Presence
  /** Writes that fail before the next one succeeds. */
  let failing = 0
  let writes = 0
  const sessions: Session[] = []

  before(async () => {
    catalogue = await openCatalogue({ path: join(dir, 'catalogue.sqlite'), readers: 1 })
    for (let at = 0; at < 300; at++) {
      const party = { peer: `peer${at}@localhost`, device: at.toString(16).padStart(64, '0') }
      sessions.push({ row: at, party, jid: `${party.peer}/x`, heard: 0 })
      await catalogue.register(party)
    }
    const failed = <T>(write: () => Promise<T>): Promise<T | { kind: 'busy' }> => {
      writes++
      if (failing === 0) return write()
      failing--
      return failing % 2
        ? Promise.resolve({ kind: 'busy' })
        : Promise.reject(new StoreFailed('state-unwritable', 'full'))
    }
    presence = new Presence({
      attend: ((...values) => failed(() => catalogue.attend(...values))) as Catalogue['attend'],
      allOffline: (() => failed(() => catalogue.allOffline())) as Catalogue['allOffline'],
    })
  })
  after(async () => {
    presence.stop()
    await catalogue.close()
    rmSync(dir, { recursive: true, force: true })
  })

  const online = async () => {
    const figures = await catalogue.statistics()
    return 'online' in figures ? figures.online : -1
  }

  it('has everybody who came in a storm, and nobody who went in one', async () => {
    for (const session of sessions) presence.attend(session, true)
    await until(online, (count) => count === 300)
    for (const session of sessions) presence.attend(session, false)
    await until(online, (count) => count === 0)
  })

  it('writes once for who comes and goes many times in one turn (P16)', async () => {
    const before = writes
    for (let time = 0; time < 1_000; time++) presence.attend(sessions[0]!, time % 2 === 0)
    presence.attend(sessions[0]!, true)
    await until(online, (count) => count === 1)
    expect(writes - before).to.equal(1)
  })

  it('is written in the end, also when the disk failed meanwhile (P20)', async () => {
    failing = 5
    for (const session of sessions.slice(0, 10)) presence.attend(session, true)
    await until(online, (count) => count === 10)
    expect(failing).to.equal(0)
  })

  it('takes everybody offline by one write when the stream is lost, and nobody who comes after it', async () => {
    const before = writes
    failing = 1
    for (const session of sessions.slice(0, 10)) presence.attend(session, false)
    presence.everybodyGone()
    presence.attend(sessions[7]!, true)
    await until(online, (count) => count === 1)
    expect(writes - before).to.be.at.most(4)
    await catalogue.allOffline()
    presence.tellAgain()
    await until(online, (count) => count === 1)
  })
})

describe('a device that stays logged in', () => {
  const dir = mkdtempSync(join(tmpdir(), 'jabberfs-staying-'))
  const day = 24 * 3_600_000
  let now = Date.UTC(2026, 0, 1)
  let catalogue: Catalogue
  let end = () => {}

  before(async () => {
    catalogue = await openCatalogue({ path: join(dir, 'catalogue.sqlite'), readers: 1, clock: () => now })
  })
  after(async () => {
    end()
    await catalogue.close()
    rmSync(dir, { recursive: true, force: true })
  })

  it('keeps what it shares and looks for beyond its time to live, without another login', async () => {
    let told = 0
    const presence = new Presence({
      attend: async (...values) => {
        const answer = await catalogue.attend(...values)
        told++
        return answer
      },
      allOffline: catalogue.allOffline,
    })
    const party = { peer: 'faust@localhost', device: 'a'.repeat(64) }
    await catalogue.register(party)
    await catalogue.saveSearch({ ...party, watch: 'lied' }, { words: 'lied' })
    presence.attend({ row: 1, party, jid: 'faust@localhost/x', heard: 0 }, true)
    end = keepUp(catalogue, presence, { tellEvery: 20 })
    for (let days = 0; days < 90; days += 15) {
      now += 15 * day
      const before = told
      // The second one was begun after the clock went on.
      await until(
        async () => told - before,
        (count) => count >= 2,
      )
    }
    await catalogue.expire()
    const { devices, searches } = (await catalogue.statistics()) as { devices: number; searches: number }
    expect({ devices, searches }).to.deep.equal({ devices: 1, searches: 1 })
    end()
    presence.stop()
  })
})
