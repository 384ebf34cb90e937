/** A share is ended while whoever keeps its books is held up, as by a disk that does not answer: it is over for the others at once. */

import { closeSync, ftruncateSync, openSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect } from 'chai'
import type { FileTransferError } from '../../../client-plugin/index.js'
import { Stage, until } from './stage.js'

describe('a share that is ended while its keeper is held up', function () {
  this.timeout(180_000)
  let stage: Stage
  let books: Database.Database | undefined

  before(async () => {
    stage = await new Stage().open()
  })
  after(async () => {
    books?.close()
    await stage?.close()
  })

  it('is sent no further, and who gets it hears that before the books can be written (P11)', async () => {
    const faust = await stage.person('faust')
    const mephisto = await stage.person('mephisto')
    const folder = stage.folder('songs')
    const song = join(folder, 'song.wav')
    const file = openSync(song, 'w')
    ftruncateSync(file, 64 * 2 ** 20)
    closeSync(file)
    utimesSync(song, 1_000_000_000, 1_000_000_000)
    const { id } = await faust.files.shares.add(folder)
    await faust.files.shares.current(id)

    const wanted = { peer: faust.jid, share: id, path: 'song.wav' }
    const transfer = await mephisto.files.get(wanted, { into: stage.folder('into') })
    const ended = transfer.finished.catch((error: FileTransferError) => error.code)
    // It stays in the middle.
    const paused = new Promise<void>((resolve) => {
      transfer.on('state', (state) => {
        if (state === 'moving') void transfer.pause().then(resolve)
      })
    })
    await paused
    expect(await ended).to.equal('paused')

    books = new Database(join(stage.dir, 'state-faust', 'shares.sqlite'))
    books.exec('begin immediate')
    const removed = faust.files.shares.remove(id)
    removed.catch(() => undefined)
    expect(
      await until(
        () => transfer.state,
        (state) => state !== 'paused',
        60_000,
      ),
    ).to.equal('aborted')
    expect(books.inTransaction).to.equal(true)
    books.exec('rollback')
    await removed.catch(() => undefined)
  })
})
