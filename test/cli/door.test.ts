/** The door of the process that holds a state folder, at its end: an order is carried out whole, or not taken at all. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import type { Conversation } from '../../cli/holder/conversation.js'
import { openDoor } from '../../cli/holder/door.js'
import { relay } from '../../cli/holder/relay.js'

describe('the door of the state folder', () => {
  let state: string
  beforeEach(() => {
    state = mkdtempSync(join(tmpdir(), 'jabberfs-door-'))
  })
  afterEach(() => rmSync(state, { recursive: true }))

  const conversation = (): Conversation => ({
    report() {},
    caughtUp: async () => {},
    onRemark: () => () => {},
    gone: new AbortController().signal,
  })
  const knocks = () => relay(state, { order: 'transfers' }, conversation())

  it('lets nobody in once its holder ends, serves who is in, and leaves the next holder’s door alone', async () => {
    let finish!: (exit: number) => void
    let isIn!: () => void
    const entered = new Promise<void>((resolve) => {
      isIn = resolve
    })
    const door = await openDoor(state, () => {
      isIn()
      return new Promise((resolve) => {
        finish = resolve
      })
    })
    const first = knocks()
    await entered
    door.shut()
    expect(await knocks()).to.equal('nobody')
    finish(0)
    expect(await first).to.deep.equal({ exit: 0 })
    const next = await openDoor(state, async () => 7)
    await door.close()
    expect(await knocks()).to.deep.equal({ exit: 7 })
    await next.close()
    expect(await knocks()).to.equal('nobody')
  })

  it('ends an order that was interrupted before anybody listened to what comes behind it', async () => {
    const door = await openDoor(state, async (_order, { onRemark }) => {
      const said = await new Promise<string>((resolve) => onRemark(({ remark }) => resolve(remark)))
      return said === 'pause' ? 130 : 1
    })
    const interrupted: Conversation = {
      ...conversation(),
      onRemark: (listener) => {
        queueMicrotask(() => listener({ remark: 'pause' }))
        return () => {}
      },
    }
    expect(await relay(state, { order: 'transfers' }, interrupted)).to.deep.equal({ exit: 130 })
    await door.close()
  })
})
