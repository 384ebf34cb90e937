/** A file that is written to without rest: it is not read to its end for nothing, and does not keep others from being hashed. */

import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { hashFile } from '../../../bytes/hash-file.js'
import { KeeperThread } from '../../../client-plugin/share/keeper-thread.js'
import { Restless } from '../../../client-plugin/share/keeping/restless.js'
import { until } from './stage.js'

const MiB = 2 ** 20

describe('a file that is written to without rest', function () {
  this.timeout(60_000)
  let dir: string
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'jabberfs-restless-'))
  })
  afterEach(() => rmSync(dir, { recursive: true, force: true }))

  const large = (path: string, size: number) => {
    writeFileSync(path, '')
    truncateSync(path, size)
  }

  it('is read no further than a little beyond the change', async () => {
    const path = join(dir, 'disk.img')
    large(path, 128 * MiB)
    let read = 0
    const onBytes = (bytes: number) => {
      if (read === 0) appendFileSync(path, 'more')
      read += bytes
    }
    const why = await hashFile(path, { onBytes }).catch((error) => error)
    expect(why).to.have.property('code', 'source-changed')
    expect(read).to.be.at.most(16 * MiB)
  })

  it('is left alone for at least as long as was spent on it, and longer each time', () => {
    const restless = new Restless()
    const pauseAfter = (spent: number, now: number) => {
      restless.changed(1, spent, now)
      let ms = 0
      while (restless.isLeft(1, now + ms)) ms += 50
      return ms
    }
    expect([pauseAfter(0, 0), pauseAfter(9_000, 1_000), pauseAfter(9_000, 20_000)]).to.deep.equal([
      50, 9_000, 18_000,
    ])
    expect(pauseAfter(400_000, 50_000)).to.equal(418_000)
    expect(pauseAfter(400_000, 500_000)).to.equal(600_000)
    expect(pauseAfter(700_000, 2_000_000)).to.equal(700_000)
    expect(restless.isLeft(2, 2_000_001)).to.equal(false)
    restless.rested(1)
    expect([pauseAfter(1_000, 3_000_000), restless.size]).to.deep.equal([1_000, 1])
  })

  it('does not keep a larger file from being hashed', async () => {
    const folder = join(dir, 'shared')
    mkdirSync(folder)
    const image = join(folder, 'disk.img')
    large(image, 256 * MiB)
    large(join(folder, 'film.mkv'), 257 * MiB)
    utimesSync(join(folder, 'film.mkv'), 1_000_000_000, 1_000_000_000)
    // Each write seems long ago: it counts as rested at once, as one that is written to seldomer does.
    let time = 1_000_000_000
    const writing = setInterval(() => utimesSync(image, ++time, time), 5)
    const settings = { restMs: 100, gatherMs: 50, sweepMs: 600_000, maxWatches: 100 }
    const keeper = new KeeperThread(
      { file: join(dir, 'shares.sqlite'), dir, settings },
      { stands: () => undefined, fault: () => undefined },
    )
    keeper.start()
    try {
      await keeper.call('add', folder, { id: 'Bilder-2002', name: 'Bilder' })
      const [stand] = await until(
        () => keeper.call('stands'),
        ([one]) => one?.dirty === 1,
        15_000,
      )
      expect(stand).to.include({ files: 2, dirty: 1, unhashedFiles: 1 })
      const change = await keeper.call('take', 'Bilder-2002')
      expect(change?.adds.map(({ path }) => path)).to.deep.equal(['film.mkv'])
    } finally {
      clearInterval(writing)
      await keeper.close()
    }
  })
})
