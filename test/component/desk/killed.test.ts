/** The component is killed by -9 while a share is published, and its devices stay or go meanwhile. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { expect } from 'chai'
import { type PrivateProsody, startProsody } from '../../../scripts/private-prosody.js'
import { createClientEntity, RequestFailed, RequestRefused } from '../../../wire/index.js'
import { ChildComponent } from '../child-component.js'
import { Device, newDevice } from '../stage.js'
import { everybody, file, Person, until, words } from './asking.js'

describe('the catalogue of a component that is killed', () => {
  let prosody: PrivateProsody
  let component: ChildComponent
  let state: string
  const people: Person[] = []

  before(async () => {
    state = mkdtempSync(join(tmpdir(), 'jabberfs-desk-killed-'))
    prosody = await startProsody()
    component = new ChildComponent(prosody, state)
    await component.start()
  })
  after(async () => {
    await Promise.all(people.map(({ device }) => device.entity.stop().catch(() => {})))
    await component?.end('SIGKILL')
    await prosody?.stop()
    rmSync(state, { recursive: true, force: true })
  })

  async function person(name: string): Promise<Person> {
    const options = {
      jid: `${name}@localhost`,
      password: 'password',
      service: prosody.service,
      resource: 'x',
    }
    prosody.addUser(name, 'password')
    const entity = createClientEntity(options)
    await entity.start()
    const it = new Person(new Device(entity, prosody.componentDomain, newDevice()))
    await it.device.logIn()
    it.patienceMs = 1_000
    people.push(it)
    return it
  }

  /** Until it is answered, whatever is down meanwhile. */
  async function insist<T>(say: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await say()
      } catch (error) {
        const isPassing =
          error instanceof RequestFailed || (error instanceof RequestRefused && error.type === 'wait')
        if (!isPassing) throw error
        await pause(20)
      }
    }
  }

  it('holds each change that it answered, once, and who is online is here (case 57, P7, P19)', async function () {
    this.timeout(180_000)
    const faust = await person('faust')
    const gretchen = await person('gretchen')
    const mephisto = await person('mephisto')
    for (const one of [faust, gretchen]) await insist(() => one.ask('register', {}))
    await insist(() => gretchen.share('Bilder-01', [file('gretchen.txt')]))
    const songs = { id: 'Lieder-01', name: 'Lieder', tags: [], visibility: everybody }
    await insist(() => faust.ask('share', songs))
    let held = 0
    const publish = async (last: number) => {
      while (held < last) {
        const adds = [file(`lied ${held + 1}.mp3`)]
        const change = { share: 'Lieder-01', base: held, seq: held + 1, removes: [], adds }
        const answer = await insist(() => faust.ask('publish', change))
        expect(answer.seq).to.be.oneOf([held, held + 1])
        held = answer.seq
      }
    }
    const publishing = publish(60)
    await until(
      async () => held,
      (count) => count >= 20,
    )
    await component.end('SIGKILL')
    const answered = held
    // Gretchen leaves while nobody hears it.
    await gretchen.device.entity.stop()
    await component.start()
    const isBack = performance.now()
    await publishing
    expect(answered).to.be.at.least(20)
    const { page } = await insist(() => mephisto.ask('search', words('lied', { page: { max: 0 } })))
    expect(page.count).to.equal(60)
    const onlineNow = async () => {
      const { peers } = await insist(() => mephisto.ask('peers', { which: 'online' }))
      return peers.map(({ peer }: { peer: string }) => peer) as string[]
    }
    await until(onlineNow, (peers) => peers.length === 1 && peers[0] === faust.jid)
    expect(performance.now() - isBack, 'falsely online').to.be.lessThan(60_000)
    expect((await insist(() => mephisto.ask('peers', { which: 'offline' }))).peers).to.have.lengthOf(1)
  })

  it('has nobody online who went with the server (case 36, P19)', async function () {
    this.timeout(180_000)
    const [faust, , mephisto] = people as [Person, Person, Person]
    await prosody.kill()
    // Of this one the server never says that he has gone.
    await faust.device.entity.stop()
    await prosody.restart()
    const isBack = performance.now()
    await until(
      async () => mephisto.device.entity.status,
      (status) => status === 'online',
    )
    const online = () =>
      insist(async () => {
        await mephisto.device.sayLogIn()
        return (await mephisto.ask('peers', { which: 'online' })).peers as unknown[]
      })
    await until(online, (peers) => peers.length === 0)
    expect(performance.now() - isBack, 'falsely online').to.be.lessThan(60_000)
    expect((await insist(() => mephisto.ask('peers', { which: 'offline' }))).peers).to.have.lengthOf(2)
  })
})
