/** Ctrl-C, or a service manager’s SIGTERM, before a command that stays has begun to listen for it. */

import { expect } from 'chai'
import { leaving } from '../../cli/holder/conversation.js'
import { Talk } from '../../cli/talk.js'
import type { Order } from '../../cli/words.js'

const screen = { isForPrograms: true, show() {}, fail() {}, note() {}, close() {} }
const serve: Order = { order: 'serve', onConflict: 'rename', from: [] }

describe('a command that was told to end before it listened', () => {
  it('ends all the same', async () => {
    const talk = new Talk(serve, screen, AbortSignal.abort())
    const { left, stop } = leaving(talk)
    await left
    stop()
    talk.silence.stop()
  })

  it('and says nothing to who does not listen any more', async () => {
    const talk = new Talk(serve, screen, AbortSignal.abort())
    const heard: string[] = []
    talk.onRemark(({ remark }) => heard.push(remark))()
    talk.onRemark(({ remark }) => heard.push(`${remark} heard`))
    await new Promise((resolve) => setImmediate(resolve))
    expect(heard).to.deep.equal(['pause heard'])
    talk.silence.stop()
  })
})
