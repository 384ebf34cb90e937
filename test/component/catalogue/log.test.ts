/** The log of writes: answers wait until it is on the disk, and it is moved into the file while others write. */

import fs, { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { LogFlush } from '../../../component/catalogue/log-flush.js'
import { entry, ok, Stage } from './stage.js'

const faust = 'faust@goethe.example'

describe('catalogue: the log of writes', function () {
  this.timeout(180_000)

  it('P7: those who wait for the disk are called in the order of asking, and at once where nothing was written since', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'jabberfs-log-flush-'))
    const log = join(dir, 'log')
    writeFileSync(log, 'written')
    const flush = new LogFlush(log)
    const called: string[] = []
    const flushed = (mark: number, name: string) =>
      new Promise<void>((resolve) => {
        flush.after(mark, (fault) => {
          expect(fault).to.equal(undefined)
          called.push(name)
          resolve()
        })
      })
    await Promise.all([flushed(1, 'first'), flushed(2, 'second'), flushed(2, 'third')])
    expect(called).to.deep.equal(['first', 'second', 'third'])
    void flushed(2, 'at once')
    expect(called.at(-1)).to.equal('at once')
    const last = flushed(3, 'last')
    expect(called.at(-1)).to.equal('at once')
    flush.close()
    await last
    rmSync(dir, { recursive: true })
  })

  it('P7, P20: when a flush fails, nobody who waits is told that his is on the disk, whatever the next would say', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'jabberfs-log-flush-'))
    const log = join(dir, 'log')
    writeFileSync(log, 'written')
    const { fdatasync } = fs
    let flushes = 0
    // As Linux has it: a flush that failed is told once, and the next knows nothing of it.
    const failingOnce = (_file: number, done: (error: Error | null) => void) => {
      const error = ++flushes === 1 ? Object.assign(new Error('EIO'), { code: 'EIO' }) : null
      setImmediate(() => done(error))
    }
    Object.assign(fs, { fdatasync: failingOnce })
    syncBuiltinESMExports()
    try {
      const flush = new LogFlush(log)
      const flushed = (mark: number) =>
        new Promise<string | undefined>((resolve) => flush.after(mark, (fault) => resolve(fault?.code)))
      const both = [flushed(1), flushed(2)]
      expect(await both[0]).to.equal('state-unwritable')
      flush.close()
      expect(await both[1]).to.equal('state-unwritable')
      expect(flushes).to.equal(1)
    } finally {
      Object.assign(fs, { fdatasync })
      syncBuiltinESMExports()
      rmSync(dir, { recursive: true })
    }
  })

  it('case 60: it is moved into the file while publishing and searching go on, and begins anew', async () => {
    const stage = new Stage()
    await stage.open({ readers: 1 })
    const name = await stage.share(faust, [entry('song.mp3')])
    const fileSize = () => statSync(stage.path).size
    const logSize = () => statSync(`${stage.path}-wal`).size
    const before = fileSize()
    let seq = 1
    const publish = async () => {
      const adds = Array.from({ length: 100 }, (_, n) => entry(`${seq}/a song ${n} of ${seq}.mp3`))
      ok(await stage.catalogue.publish(name, { base: seq, seq: seq + 1, adds, removes: [] }))
      seq++
      await stage.catalogue.search(faust, { words: 'song' }, 5)
    }
    while (fileSize() === before && seq < 2_000) await publish()
    expect(fileSize()).to.be.above(before)
    expect(logSize()).to.be.below(128 * 2 ** 20)
    expect(ok(await stage.catalogue.held(name))).to.include({ held: seq })
    await stage.end()
  })
})
