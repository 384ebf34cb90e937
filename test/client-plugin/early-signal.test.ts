/** A signal that is fired as early as anybody can: as soon as what it belongs to is begun. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import type { FileTransfer, FileTransferError, Transfer } from '../../client-plugin/index.js'
import { unconnected } from './server-away.js'

const peer = 'mephisto@localhost/Skabber'

describe('a signal that fires as soon as something is begun', function () {
  this.timeout(10_000)
  let dir: string
  let files: FileTransfer
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'jabberfs-signal-'))
    mkdirSync(join(dir, 'into'))
    writeFileSync(join(dir, 'a.txt'), 'Habe nun, ach!')
    // Never started: it is as if the server were away.
    files = unconnected(dir)
  })
  afterEach(async () => {
    await files.stop()
    rmSync(dir, { recursive: true, force: true })
  })

  const wishes: Record<string, (end: AbortController, begun: (one: Transfer) => void) => Promise<Transfer>> =
    {
      request: ({ signal }, onBegun) =>
        files.request(peer, 'a.txt', { into: join(dir, 'into'), signal, onBegun }),
      offer: ({ signal }, onBegun) => files.send(peer, [join(dir, 'a.txt')], { signal, onBegun }),
    }
  for (const [name, wish] of Object.entries(wishes)) {
    it(`ends it: ${name}`, async () => {
      const end = new AbortController()
      let begun: Transfer | undefined
      const why = await wish(end, (transfer) => {
        begun = transfer
        end.abort()
      }).then(
        () => undefined,
        (error: FileTransferError) => error.code,
      )
      expect(why).to.equal('cancelled')
      expect(begun!.trouble?.code).to.equal('aborted')
    })
  }

  it('ends what goes on, and was asked for once more', async () => {
    const first = new AbortController()
    const into = join(dir, 'into')
    let before: Transfer | undefined
    const onBegun = (transfer: Transfer) => {
      before = transfer
    }
    const asked = files.request(peer, 'a.txt', { into, signal: first.signal, onBegun })
    asked.catch(() => undefined)
    while (before === undefined) await new Promise(setImmediate)
    const end = new AbortController()
    const again = await files.request(peer, 'a.txt', { into, signal: end.signal, onBegun: () => end.abort() })
    expect(again.key).to.equal(before.key)
    expect(again.trouble?.code).to.equal('aborted')
  })
})
