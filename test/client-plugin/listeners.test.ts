/** Listeners that fail, at once or later, disturb neither the program nor each other. */

import type { EventEmitter } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { expect } from 'chai'
import type { FileTransfer, FileTransferError } from '../../client-plugin/index.js'
import { Showing } from '../../client-plugin/transfer/showing.js'
import { unconnected } from './server-away.js'

class Shown extends Showing {
  readonly filesize = 1_000
  protected readonly attempts = 1
  readonly reported: FileTransferError[] = []

  protected report(trouble: FileTransferError): void {
    this.reported.push(trouble)
  }
}

describe('a listener that fails', () => {
  let dir: string
  let files: FileTransfer
  const unhandled: unknown[] = []
  const note = (reason: unknown) => unhandled.push(reason)
  const fail = () => {
    throw new Error('at once')
  }
  const failLater = async () => {
    throw new Error('later')
  }
  const tell = (emitter: object, event: string) => (emitter as { tell(event: string): void }).tell(event)
  const turns = async () => {
    for (let turns = 0; turns < 10; turns++) await turn()
  }

  before(() => {
    dir = mkdtempSync(join(tmpdir(), 'jabberfs-listeners-'))
    files = unconnected(dir)
    process.on('unhandledRejection', note)
  })
  after(async () => {
    process.off('unhandledRejection', note)
    await files.stop()
    rmSync(dir, { recursive: true })
  })
  afterEach(() => {
    files.removeAllListeners()
    expect(unhandled).to.deep.equal([])
  })

  it('of a transfer is told as trouble, also where it is async', async () => {
    const shown = new Shown()
    shown.on('state', fail)
    shown.show('waiting')
    shown.off('state', fail).on('state', failLater)
    shown.show('moving')
    await turns()
    expect(shown.reported.map(({ code, cause }) => [code, (cause as Error).message])).to.deep.equal([
      ['internal', 'at once'],
      ['internal', 'later'],
    ])
  })

  it('keeps nothing from those behind it, nor from one that hears once', async () => {
    const shown = new Shown()
    const heard: string[] = []
    shown.on('state', fail).once('state', fail)
    shown.on('state', (state) => heard.push(state)).once('state', (state) => heard.push(`once ${state}`))
    shown.show('waiting')
    shown.show('moving')
    expect(heard).to.deep.equal(['waiting', 'once waiting', 'moving'])
    expect(shown.reported).to.have.length(3)
  })

  it('of the plugin, of the shares, and of the catalogue too', async () => {
    const troubles: unknown[] = []
    files.on('trouble', ({ cause }) => troubles.push((cause as Error).message))
    const emitters: [EventEmitter, string][] = [
      [files, 'ready'],
      [files.shares, 'current'],
      [files.catalogue, 'matched'],
    ]
    for (const [emitter, event] of emitters) {
      emitter.on(event, failLater)
      tell(emitter, event)
      await turns()
      emitter.off(event, failLater)
    }
    expect(troubles).to.deep.equal(['later', 'later', 'later'])
  })

  it('of trouble is not told again, and again', async () => {
    let heard = 0
    files.on('trouble', async () => {
      heard++
      throw new Error('later')
    })
    files.on('ready', failLater)
    tell(files, 'ready')
    await turns()
    expect(heard).to.equal(1)
  })
})
