/**
 * Writing beside what comes in: in order, whole, told of once, and over before anybody else writes.
 */

import { closeSync, openSync, readFileSync } from 'node:fs'
import { expect } from 'chai'
import { openPart, openSource, place, receive, serve } from '../../bytes/index.js'
import { WritesAside } from '../../bytes/writes-aside.js'
import { channelPair } from './channel-pair.js'
import { Folder } from './folder.js'

const mebibyte = 2 ** 20

describe('writing aside', () => {
  let folder: Folder
  beforeEach(() => {
    folder = new Folder()
  })
  afterEach(() => folder.remove())

  it('keeps the order of what was given, and tells of each once, before it says that it is idle', async () => {
    const fd = openSync(folder.at('written'), 'w')
    const aside = new WritesAside(fd)
    const told: number[] = []
    // All at one place: what is there in the end was written last.
    for (let n = 0; n < 20; n++) {
      aside.add(Buffer.alloc(mebibyte, n), 0, (error) => {
        expect(error).to.equal(undefined)
        told.push(n)
      })
    }
    await aside.idle
    closeSync(fd)
    expect(told).to.deep.equal([...Array(20).keys()])
    expect(aside.idle).to.equal(undefined)
    expect(readFileSync(folder.at('written')).equals(Buffer.alloc(mebibyte, 19))).to.equal(true)
  })

  it('tells of what fails, and goes on (case 95)', async () => {
    folder.file('read-only', 1)
    const fd = openSync(folder.at('read-only'), 'r')
    const aside = new WritesAside(fd)
    const codes: unknown[] = []
    for (let n = 0; n < 3; n++)
      aside.add(Buffer.alloc(1), n, (error) => codes.push((error as NodeJS.ErrnoException).code))
    await aside.idle
    closeSync(fd)
    expect(codes).to.deep.equal(['EBADF', 'EBADF', 'EBADF'])
  })

  it('is over before another receiving begins, for which it does not count (cases 80 and 81, P1)', async () => {
    const content = folder.file('source', 12 * mebibyte + 5)
    const source = await openSource(folder.at('source'))
    const transfer = { sid: 's', peer: 'p', filename: 'f', filesize: content.length }
    const part = await openPart({ dir: folder.inbox, transfer })
    const first = receive(channelPair()[1], part)
    // As of a source that was another one then: it would spoil what the second receiving writes.
    for (let block = 11; block >= 0; block--)
      part.writeAside(block, Buffer.alloc(mebibyte, block), () => undefined)
    expect(part.counts(first)).to.equal(true)

    const [near, far] = channelPair()
    const serving = serve(near, source)
    const second = receive(far, part)
    expect(part.counts(first)).to.equal(false)
    expect((await first.proven.catch((failed) => failed)).code).to.equal('stopped')
    const { root } = await second.proven
    second.finish()
    expect((await serving.done).bytesSent).to.equal(content.length)
    const { path } = await place(part, { dir: folder.inbox, filename: 'f', root })
    expect(readFileSync(path).equals(content)).to.equal(true)
    source.close()
  })
})
