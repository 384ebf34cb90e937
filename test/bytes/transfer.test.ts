/**
 * One file from a source to its place over a channel in memory.
 */

import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { hashSource, openPart, openSource, place, receive, serve } from '../../bytes/index.js'
import { channelPair } from './channel-pair.js'
import { Folder } from './folder.js'

const mebibyte = 2 ** 20

describe('one file over a channel', () => {
  let folder: Folder
  beforeEach(() => {
    folder = new Folder()
  })
  afterEach(() => folder.remove())

  for (const filesize of [0, 1, mebibyte - 1, mebibyte, mebibyte + 1, 5 * mebibyte, 17 * mebibyte + 12_345]) {
    for (const known of [true, false]) {
      it(`${filesize} bytes arrive, the root ${known ? 'known before' : 'stated at the end'} (case 98, P1)`, async () => {
        const content = folder.file('source.bin', filesize)
        const source = await openSource(folder.at('source.bin'))
        const root = known ? await hashSource(source) : undefined
        const transfer = { sid: 's1', peer: 'a@b', filename: 'my girl.jpg', filesize, ...(root && { root }) }
        const part = await openPart({ dir: folder.inbox, transfer })
        const [near, far] = channelPair({ chunkBytes: () => 40_000 })
        const serving = serve(near, source, root ? { root } : {})
        const receiving = receive(far, part)
        const proven = await receiving.proven
        const { path } = await place(part, { dir: folder.inbox, filename: 'my girl.jpg', root: proven.root })
        receiving.finish()
        const served = await serving.done
        source.close()
        expect(path).to.equal(join(folder.inbox, 'my girl.jpg'))
        expect(readFileSync(path).equals(content)).to.equal(true)
        expect(served.root).to.deep.equal(proven.root)
        expect(served.bytesSent).to.equal(filesize)
        expect(folder.received).to.deep.equal(['my girl.jpg'])
        expect(statSync(path).nlink).to.equal(1)
      })
    }
  }

  it('of a size that no file has is refused before anything is made (case 98, P21)', async () => {
    for (const filesize of [2 ** 53 - 1, 2 ** 44 + 1, -1, 1.5, Number.NaN]) {
      const transfer = { sid: 's', peer: 'p', filename: 'f', filesize }
      expect((await openPart({ dir: folder.inbox, transfer }).catch((error) => error)).code).to.equal(
        'bad-data',
      )
    }
    expect(folder.received).to.deep.equal([])
  })

  it('is not begun where the disk has no room for it (case 95, P20)', async () => {
    const transfer = { sid: 's', peer: 'p', filename: 'f', filesize: 2 ** 44 }
    expect((await openPart({ dir: folder.inbox, transfer }).catch((error) => error)).code).to.equal(
      'no-space',
    )
    expect(folder.received).to.deep.equal([])
  })

  it('says to the sender that it cannot be placed after all', async () => {
    folder.file('source.bin', 5)
    const source = await openSource(folder.at('source.bin'))
    const transfer = { sid: 's', peer: 'p', filename: 'f', filesize: 5 }
    const part = await openPart({ dir: folder.inbox, transfer })
    const [near, far] = channelPair()
    const serving = serve(near, source)
    const receiving = receive(far, part)
    await receiving.proven
    receiving.stop()
    const failed = await serving.done.catch((error) => error)
    expect([failed.code, failed.byPeer]).to.deep.equal(['stopped', true])
    await part.close()
    source.close()
  })

  it('tells the channel while bytes are owed to it (case 77)', async () => {
    folder.file('source.bin', 5)
    const source = await openSource(folder.at('source.bin'))
    const transfer = { sid: 's', peer: 'p', filename: 'f', filesize: 5 }
    const part = await openPart({ dir: folder.inbox, transfer })
    const [near, far] = channelPair()
    const told: boolean[] = []
    const watching = Object.assign(far, { expect: (expecting: boolean) => told.push(expecting) })
    const serving = serve(near, source)
    const receiving = receive(watching, part)
    await receiving.proven
    expect(told).to.deep.equal([true, false])
    receiving.finish()
    await serving.done
    await part.discard()
    source.close()
  })
})
