/** A device that says nothing for long: it is asked, and whoever does not answer is offline; by a clock that the test holds. */

import { setTimeout as moment } from 'node:timers/promises'
import { expect } from 'chai'
import { Cable } from './cable.js'

const minute = 60_000
const faust = 'faust@localhost/Pult'
const device = 'a'.repeat(64)

describe('a device that was not heard for five minutes', () => {
  let cable: Cable
  beforeEach(async () => {
    cable = new Cable()
    cable.receivers.set(faust, { deliver() {} })
    await cable.logIn(faust, device)
  })
  afterEach(() => cable.close())

  const isOnline = () => cable.mediator.logins.under(faust) !== undefined
  const until = async (isSo: () => boolean) => {
    while (!isSo()) await moment(5)
    await cable.settle()
  }
  /** So much time goes by, and who was not heard is asked. */
  const later = async (minutes: number) => {
    const asked = cable.pinged.length
    cable.now += minutes * minute
    cable.mediator.attendance.askTheUnheard()
    await until(() => cable.pinged.length > asked)
  }

  it('is asked, and others are not; it stays online as long as it answers', async () => {
    const gretchen = 'gretchen@localhost/Kammer'
    for (const minutes of [6, 6, 6]) {
      cable.now += 2 * minute
      await cable.logIn(gretchen, 'b'.repeat(64))
      await later(minutes - 2)
    }
    expect(cable.pinged).to.deep.equal([faust, faust, faust])
    expect(isOnline()).to.equal(true)
  })

  it('is offline when its server says that it has gone', async () => {
    cable.receivers.delete(faust)
    await later(6)
    await until(() => !isOnline())
    expect(cable.mediator.logins.remembered(faust)).to.equal(undefined)
  })

  it('is offline when nothing comes back, and online again when it answers; after twenty minutes it is forgotten', async () => {
    cable.silent.add(faust)
    await later(6)
    await until(() => !isOnline())
    cable.silent.delete(faust)
    await later(1)
    await until(isOnline)
    cable.silent.add(faust)
    await later(6)
    await until(() => !isOnline())
    cable.now += 21 * minute
    cable.mediator.attendance.askTheUnheard()
    await until(() => cable.mediator.logins.remembered(faust) === undefined)
    expect(isOnline()).to.equal(false)
  })
})
