/** A device that is refused: its transfer ends, and where it is there that is over before it is told how it stands. */
import { EventEmitter } from 'node:events'
import { setTimeout as wait } from 'node:timers/promises'
import { expect } from 'chai'
import type { Conversation } from '../../cli/holder/conversation.js'
import { askAboutDevice } from '../../cli/holder/device-question.js'
import type { Remark } from '../../cli/words.js'
import type { FileTransferError, Transfer, TrustedDevices } from '../../client-plugin/index.js'

const device = 'ab'.repeat(32)

/** A transfer that is over so long after it was aborted, ms. */
function transferOver(afterMs: number): Transfer {
  const transfer = Object.assign(new EventEmitter(), {
    isOver: false,
    parts: [],
    peer: 'mephisto@localhost',
    async abort() {
      wait(afterMs).then(() => {
        transfer.isOver = true
        transfer.emit('state', 'aborted')
      })
    },
  })
  return transfer as unknown as Transfer
}

/** Says no as soon as it is asked. */
function refusing(): Conversation {
  let hear: (remark: Remark) => void = () => {}
  return {
    gone: new AbortController().signal,
    onRemark: (listener: (remark: Remark) => void) => {
      hear = listener
      return () => {}
    },
    report: () => setImmediate(() => hear({ remark: 'device', device, answer: 'no' })),
  } as unknown as Conversation
}

describe('a device that is refused', () => {
  it('hears it, if it is there, before the command says how the transfer stands', async () => {
    const transfer = transferOver(100)
    const trust = {
      unknown: () => [{ peer: transfer.peer, device, known: [], transfers: [transfer] }],
      digits: () => '',
    } as unknown as TrustedDevices
    const means = { trust, device: Promise.resolve(device) }
    const why = await askAboutDevice(transfer, new Set(), means, refusing()).catch((error) => error)
    expect((why as FileTransferError).code).to.equal('aborted')
    expect(transfer.isOver).to.equal(true)
  })
})
