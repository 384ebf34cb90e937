/** What was there without a note of ours, and was stated the same by who sends: it is noted, and counts the next time. */

import { rmSync } from 'node:fs'
import { expect } from 'chai'
import { blake3 } from '../../bytes/blake3.js'
import { frameOf } from '../../bytes/frame-writing.js'
import { openPart, receive } from '../../bytes/index.js'
import { ledgerNameFor } from '../../bytes/part-file.js'
import { FrameType } from '../../protocol/frames.js'
import { channelPair } from './channel-pair.js'
import { Folder } from './folder.js'

const blockBytes = 65_536
const blocks = 4

describe('a block that was only claimed', () => {
  let folder: Folder
  beforeEach(() => {
    folder = new Folder()
  })
  afterEach(() => folder.remove())

  it('is proven before once it was confirmed, also where the program ended then (P3, P4, case 91)', async () => {
    const content = folder.file('source', blocks * blockBytes)
    const transfer = { sid: 's', peer: 'p', filename: 'f', filesize: content.length, blockBytes }
    const blockAt = (n: number) => content.subarray(n * blockBytes, (n + 1) * blockBytes)
    const hashes = Buffer.concat(Array.from({ length: blocks }, (_, n) => blake3.hash(blockAt(n))))
    const all = frameOf(FrameType.hashes, 0, 0, hashes)
    const data = Array.from({ length: 2 }, (_, n) => frameOf(FrameType.data, 0, n * blockBytes, blockAt(n)))

    /** Opens it, hears these frames, and is closed in the middle. @returns what counted when it was opened */
    async function heard(existing: string | undefined, frames: Uint8Array[], until: number) {
      const part = await openPart({ dir: folder.inbox, transfer, ...(existing && { existing }) })
      const { path, provenBytesPrefix } = part
      const [near, far] = channelPair()
      await new Promise<void>((resolve) => {
        const receiving = receive(far, part, {
          onProgress: ({ provenBytes }) => {
            if (provenBytes === until) resolve()
          },
        })
        receiving.proven.catch(() => undefined)
        for (const frame of frames) near.write(frame)
      })
      await part.close()
      return { path, provenBytesPrefix }
    }

    const held = 2 * blockBytes
    const { path } = await heard(undefined, [all, ...data], held)
    rmSync(path.replace(/[^/]+$/, (name) => ledgerNameFor(name)))
    expect(await heard(path, [all], held)).to.deep.equal({ path, provenBytesPrefix: 0 })
    expect(await heard(path, [all], held)).to.deep.equal({ path, provenBytesPrefix: held })
  })
})
