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
})
