/** The component is killed while it receives a list, and while it takes one in: what was there stays, and the list comes again. */

import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { createDeviceIdentity } from '../../../link/index.js'
import { freePort } from '../../../scripts/free-port.js'
import { type PrivateProsody, startProsody } from '../../../scripts/private-prosody.js'
import { createClientEntity } from '../../../wire/index.js'
import { ChildComponent } from '../child-component.js'
import { everybody, Person, until } from '../desk/asking.js'
import { Device } from '../stage.js'
import { Bringer, type Brought, brought, heldBack, packed, realistic } from './bringer.js'

const share = 'lieder-2002'
const count = 60_000

describe('a component that is killed with a list in its hands', () => {
  let prosody: PrivateProsody
  let component: ChildComponent
  let dir: string
  let faust: Bringer
  let person: Person
  const lists = () => join(dir, 'state', 'lists')

  before(async () => {
    dir = mkdtempSync(join(tmpdir(), 'jabberfs-killed-lists-'))
    prosody = await startProsody()
    component = new ChildComponent(prosody, join(dir, 'state'), {
      JABBERFS_COMPONENT_LIST_PORT: String(await freePort()),
      JABBERFS_COMPONENT_LIST_HOST: '127.0.0.1',
    })
    await component.start()
    prosody.addUser('faust', 'password')
    const identity = await createDeviceIdentity()
    const entity = createClientEntity({
      jid: 'faust@localhost',
      password: 'password',
      service: prosody.service,
    })
    await entity.start()
    person = new Person(new Device(entity, prosody.componentDomain, identity.id))
    faust = new Bringer(person.device, identity)
    await person.device.logIn()
    await person.ask('register', {})
    await person.ask('share', { id: share, name: 'Lieder', tags: [], visibility: everybody })
    expect(await faust.bring(await list(1, 5))).to.equal('complete')
  })
  after(async () => {
    await person?.device.entity.stop().catch(() => {})
    await component?.end('SIGKILL')
    await prosody?.stop()
    rmSync(dir, { recursive: true, force: true })
  })

  const list = async (seq: number, entries: number): Promise<Brought> =>
    brought(dir, packed({ share, seq, entries }, realistic(entries)))

  const files = async () => {
    const { shares } = await person.ask('browse', { peer: 'faust@localhost', deep: false })
    return shares[0].files
  }

  /** Kills it, starts it again, and logs in. */
  async function kill(): Promise<void> {
    await component.end('SIGKILL')
    await component.start()
    await until(
      async () => (await person.device.logIn()).attrs.type,
      (type) => type === undefined,
    )
    // What was said of a list before, such as that it was all there after all, is no word about the next.
    const { heard } = person.device
    while (heard.untaken > 0) await heard.next()
  }

  it('has nothing of it afterwards but what it held before, and takes the list when it comes again (case 115)', async () => {
    const what = await list(2, count)
    await faust.offer(what)
    const link = await faust.dial(await faust.device.next('accept'))
    const { channel, reached } = heldBack(link, 1.5 * 2 ** 20)
    const broken = faust.serve(channel, what).done.catch(() => {})
    await reached
    await until(
      async () => readdirSync(lists()).some((name) => statSync(join(lists(), name)).size >= 2 ** 20),
      Boolean,
    )
    await kill()
    await broken
    expect(readdirSync(lists())).to.deep.equal([])
    expect(await files()).to.equal(5)
    expect(await faust.bring(what)).to.equal('complete')
    expect(await files()).to.equal(count)
  })

  it('while the catalogue takes it, shows the old entries or the new ones, and never some of both (P7)', async () => {
    const what = await list(3, count + 7)
    await faust.offer(what)
    await faust.serve(await faust.dial(await faust.device.next('accept')), what).done
    // All bytes are there, and the catalogue has begun.
    await kill()
    expect([count, count + 7]).to.include(await files())
    expect(await faust.bring(what)).to.equal('complete')
    expect(await files()).to.equal(count + 7)
    expect(existsSync(lists()) ? readdirSync(lists()) : []).to.deep.equal([])
  })
})
