/** The journal: what is written stays, one process holds it, and what is long over is forgotten. */

import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect } from 'chai'
import { FileTransferError } from '../../client-plugin/errors.js'
import { Journal } from '../../client-plugin/journal/journal.js'
import { JournalFailed, journalFailureIn } from '../../client-plugin/journal/journal-failed.js'
import type { TransferRecord } from '../../client-plugin/journal/record.js'

const draft: Omit<TransferRecord, 'n'> = {
  id: 'an-offer-1',
  authored: true,
  direction: 'sending',
  peer: 'mephisto@goethe.example',
  filename: 'my_girl.jpg',
  phase: 'proposed',
  attempt: 0,
  created: 0,
}

describe('the journal', () => {
  let dir: string
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'jabberfs-journal-'))
  })
  afterEach(() => rmSync(dir, { recursive: true }))

  const codeOf = (step: () => unknown) => {
    try {
      step()
    } catch (error) {
      return (error as FileTransferError).code
    }
    return undefined
  }

  it('gives back what was written, after it was closed and opened again', () => {
    const first = new Journal(dir)
    const record = first.add(draft)
    first.put({ ...record, sid: 'f'.repeat(32), phase: 'running', attempt: 3 })
    first.close()
    const second = new Journal(dir)
    expect(second.unfinished()).to.deep.equal([
      { ...record, sid: 'f'.repeat(32), phase: 'running', attempt: 3 },
    ])
    expect(second.bySid('f'.repeat(32))?.n).to.equal(record.n)
    expect(second.byOwnId(draft.id)?.n).to.equal(record.n)
    second.close()
  })

  it('tells who still comes once it is closed that all is stopped, and calls it no fault', () => {
    const journal = new Journal(dir)
    const record = journal.add(draft)
    journal.close()
    const questions = [
      () => journal.unfinished(),
      () => journal.ended(),
      () => journal.partHolders(),
      () => journal.partsOf(record.n),
      () => journal.sentTo(record.peer, '00'),
      () => journal.bySid('f'.repeat(32)),
      () => journal.add({ ...draft, id: 'an-offer-2' }),
    ]
    expect(questions.map(codeOf)).to.deep.equal(questions.map(() => 'stopped'))
  })

  it('has what was put without waiting for the disk, also where the process is killed right then', () => {
    const journal = new Journal(dir)
    const record = journal.add({ ...draft, saying: { action: 'offer' } })
    const { saying: _said, ...said } = record
    journal.putSoon(said)
    expect(journal.unfinished()).to.deep.equal([said])
    const asFound = `${dir}/as-found`
    mkdirSync(asFound)
    for (const name of ['journal.sqlite', 'journal.sqlite-wal']) cpSync(join(dir, name), join(asFound, name))
    const found = new Journal(asFound)
    expect(found.unfinished()).to.deep.equal([said])
    found.close()
    journal.close()
  })

  it('knows what left a part file in a folder, and looks at no other', () => {
    const journal = new Journal(dir)
    const inFolder = (id: string, folder: string, left?: string) =>
      journal.add({
        ...draft,
        id,
        direction: 'receiving',
        phase: 'aborted',
        destination: { dir: folder, filename: 'a', onConflict: 'rename' },
        ...(left !== undefined && { part: { path: `${folder}/${left}`, ino: '1' } }),
      })
    inFolder('an-offer-1', '/one')
    const first = inFolder('an-offer-2', '/one', '.part-2')
    inFolder('an-offer-3', '/two', '.part-3')
    const last = inFolder('an-offer-4', '/one', '.part-4')
    const left = journal.leftIn('/one')
    expect(left).to.deep.equal([last, first])
    // What goes on there is that transfer's own.
    journal.put({ ...first, phase: 'running' })
    expect(journal.leftIn('/one')).to.deep.equal([last])
    journal.put(first)
    journal.put({ ...last, part: undefined })
    expect(journal.leftIn('/one')).to.deep.equal([first])
    journal.close()
  })

  it('knows what was sent with a content to the very peer who asks, and to nobody else (P11)', () => {
    const journal = new Journal(dir)
    const [root, peer] = ['a'.repeat(64), draft.peer]
    const first = journal.add({ ...draft, id: 'an-offer-1', root, phase: 'complete' })
    journal.add({ ...draft, id: 'an-offer-2', root, peer: 'gretchen@goethe.example' })
    journal.add({ ...draft, id: 'an-offer-3', root, authored: false, direction: 'receiving' })
    journal.add({ ...draft, id: 'an-offer-4', root: 'b'.repeat(64) })
    journal.add({ ...draft, id: 'an-offer-5' })
    const last = journal.add({ ...draft, id: 'an-offer-6', root })
    expect(journal.sentTo(peer, root)).to.deep.equal([last, first])
    expect(journal.sentTo('wagner@goethe.example', root)).to.deep.equal([])
    journal.close()
  })

  it('takes nobody’s proposal for its own, whatever id it has, and no id of its own twice (P9)', () => {
    const journal = new Journal(dir)
    const theirs = journal.add({ ...draft, authored: false, sid: 'a'.repeat(32) })
    expect(journal.byOwnId(draft.id)).to.equal(undefined)
    const ours = journal.add(draft)
    expect(journal.byOwnId(draft.id)?.n).to.equal(ours.n)
    expect(journal.bySid('a'.repeat(32))?.n).to.equal(theirs.n)
    expect(codeOf(() => journal.add(draft))).to.equal('io')
    expect(codeOf(() => journal.add({ ...draft, id: 'an-offer-2', sid: 'a'.repeat(32) }))).to.equal('io')
    journal.close()
  })

  it('is held by one at a time, also within a process', () => {
    const first = new Journal(dir)
    expect(codeOf(() => new Journal(dir))).to.equal('state-in-use')
    first.close()
    new Journal(dir).close()
  })

  it('keeps an end unfinished until its last word is said', () => {
    const journal = new Journal(dir)
    const record = journal.add(draft)
    journal.put({ ...record, phase: 'complete', saying: { action: 'complete' } })
    expect(journal.unfinished()).to.have.length(1)
    journal.put({ ...record, phase: 'complete' })
    expect(journal.unfinished()).to.deep.equal([])
    expect(journal.ended()).to.have.length(1)
    journal.close()
  })

  it('forgets what ended a month ago, and nothing else', () => {
    const journal = new Journal(dir)
    journal.add(draft)
    const ended = journal.add({ ...draft, id: 'an-offer-2', phase: 'declined' })
    expect(journal.forgetOld(Date.now())).to.deep.equal([])
    expect(journal.forgetOld(Date.now() + 31 * 24 * 3_600_000)).to.deep.equal([ended])
    expect(journal.unfinished()).to.have.length(1)
    journal.close()
  })

  it('keeps its past from whoever proposes things and takes them back without end (case 48, P16)', () => {
    const journal = new Journal(dir)
    const theirs = { ...draft, authored: false, attempt: 0, phase: 'aborted' } as const
    const ours = journal.add({
      ...theirs,
      id: 'taken-up',
      sid: 'a'.repeat(32),
      attempt: 1,
      phase: 'complete',
    })
    for (let n = 0; n < 1_500; n++) {
      journal.add({ ...theirs, id: `bomb-${n}`, sid: n.toString(16).padStart(32, '0') })
    }
    expect(journal.ended()).to.deep.equal([ours])
    const forgotten = journal.forgetOld(Date.now())
    expect(forgotten).to.have.length(500)
    expect(forgotten.map(({ id }) => id))
      .to.include('bomb-0')
      .and.not.include('bomb-1499')
    expect(journal.ended()).to.deep.equal([ours])
    journal.close()
  })

  it('belongs to the account that used it first', () => {
    const journal = new Journal(dir)
    expect(journal.accountIs('faust@goethe.example')).to.equal(true)
    expect(journal.accountIs('mephisto@goethe.example')).to.equal(false)
    expect(journal.accountIs('faust@goethe.example')).to.equal(true)
    journal.close()
  })

  it('is nobody else’s to read', () => {
    new Journal(dir).close()
    expect(statSync(join(dir, 'journal.sqlite')).mode & 0o777).to.equal(0o600)
  })

  it('refuses one of a newer version, and something that is no journal, by a code', () => {
    const db = new Database(join(dir, 'journal.sqlite'))
    db.pragma('user_version = 99')
    db.close()
    expect(codeOf(() => new Journal(dir))).to.equal('state-newer')
    expect(codeOf(() => new Journal(join(dir, 'journal.sqlite')))).to.equal('state-unusable')
  })

  it('says of one that is damaged that it is, and what helps, and begins anew where it was moved away', () => {
    const file = join(dir, 'journal.sqlite')
    const filled = () => {
      const journal = new Journal(dir)
      for (let n = 0; n < 200; n++) journal.add({ ...draft, id: `offer-${n}-of-many` })
      journal.close()
    }
    const said = () => {
      let journal: Journal | undefined
      try {
        journal = new Journal(dir)
        for (let n = 0; n < 200; n++) journal.byOwnId(`offer-${n}-of-many`)
        return 'nothing'
      } catch (error) {
        return `${(error as FileTransferError).code}: ${(error as FileTransferError).message}`
      } finally {
        journal?.close()
      }
    }
    filled()
    const pages = readFileSync(file)
    writeFileSync(file, Buffer.concat([Buffer.from('no database at all'), pages.subarray(18)]))
    expect(said()).to.match(/^state-unusable: .*journal\.sqlite is damaged/)
    // Its beginning is well: that is found out later.
    writeFileSync(file, pages.fill(0xa5, 4_096 * 2))
    expect(said()).to.match(/^(io|state-unusable): .*journal\.sqlite is damaged/)
    renameSync(file, join(dir, 'moved-away'))
    filled()
    expect(said()).to.equal('nothing')
  })

  it('says of a disk that is full or fails that it is the disk, never that the journal is damaged', () => {
    const said = (code: string) => {
      const failed = new JournalFailed(dir, Object.assign(new Error(code), { code }))
      return [failed.code, failed.message.includes('is damaged')]
    }
    // Who is told that it is damaged moves it away, and with it all that goes on.
    expect(said('SQLITE_FULL')).to.deep.equal(['no-space', false])
    expect(said('SQLITE_IOERR_WRITE')).to.deep.equal(['io', false])
    expect(said('SQLITE_READONLY')).to.deep.equal(['io', false])
    expect(said('SQLITE_CORRUPT_INDEX')).to.deep.equal(['io', true])
    expect(said('SQLITE_NOTADB')).to.deep.equal(['io', true])
  })

  it('is told apart from every other fault, also where another room has made its own of it', () => {
    const failed = new JournalFailed(dir, new Error('full'))
    expect(journalFailureIn(failed)).to.equal(failed)
    expect(journalFailureIn(new Error('placing', { cause: failed }))).to.equal(failed)
    const others = [new Error('none'), new Error('of', { cause: new Error('another') }), undefined, 'text']
    expect(others.map(journalFailureIn)).to.deep.equal(others.map(() => undefined))
  })

  it('makes the folders above its own, for this user alone', () => {
    const deep = join(dir, 'one', 'two')
    new Journal(deep).close()
    for (const folder of [join(dir, 'one'), deep]) expect(statSync(folder).mode & 0o777).to.equal(0o700)
  })

  it('says that a folder which takes no other is unusable, and does not look for it for ever', function () {
    if (process.platform !== 'linux') this.skip()
    expect(codeOf(() => new Journal('/proc/jabberfs/state'))).to.equal('state-unusable')
  })

  it('refuses nothing silently: every code has a sentence and something to do', () => {
    const error = new FileTransferError('no-space', '5 bytes are needed')
    expect(error.message).to.equal('There is not enough free space for the file: 5 bytes are needed')
    expect(error.todo).to.match(/\.$/)
    expect(error.resumable).to.equal(true)
  })
})
