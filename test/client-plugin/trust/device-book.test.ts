/** `devices.sqlite`: what it remembers, how much, and what it refuses. */

import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect } from 'chai'
import { FileTransferError } from '../../../client-plugin/index.js'
import { Chosen } from '../../../client-plugin/paths/chosen.js'
import { type BookBounds, DeviceBook } from '../../../client-plugin/trust/device-book.js'

const faust = 'faust@goethe.example'
const wagner = 'wagner@goethe.example'
const device = (n: number) => n.toString(16).padStart(64, '0')

describe('the book of devices', () => {
  let dir: string
  let books: DeviceBook[]
  const open = (bounds?: BookBounds) => {
    const book = new DeviceBook(dir, bounds)
    books.push(book)
    return book
  }
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'jabberfs-devices-'))
    books = []
  })
  afterEach(() => {
    for (const book of books) book.close()
    rmSync(dir, { recursive: true, force: true })
  })

  it('remembers devices of a person over restarts, readable by its owner alone', () => {
    const first = open()
    first.remember(faust, device(1), 'first-use', 1_000)
    first.remember(faust, device(1), 'verified', 2_000)
    first.close()
    expect(open().of(faust)).to.deep.equal([
      { peer: faust, device: device(1), standing: 'verified', first: 1_000, used: 2_000 },
    ])
    expect(statSync(join(dir, 'devices.sqlite')).mode & 0o777).to.equal(0o600)
  })

  it('notes a use once an hour', () => {
    const book = open()
    book.remember(faust, device(1), 'first-use', 0)
    book.used(book.of(faust)[0]!, 3_600_000)
    expect(book.of(faust)[0]!.used).to.equal(0)
    book.used(book.of(faust)[0]!, 3_600_001)
    expect(book.of(faust)[0]!.used).to.equal(3_600_001)
  })

  it('keeps so many devices of a person: what was used longest ago goes, what was verified or revoked last (P16)', () => {
    const book = open({ devicesOfOne: 3, people: 9 })
    book.remember(faust, device(1), 'verified', 1)
    book.remember(faust, device(2), 'revoked', 2)
    for (const n of [3, 4, 5]) book.remember(faust, device(n), 'first-use', n)
    expect(book.of(faust).map((each) => each.device)).to.deep.equal([1, 2, 5].map(device))
  })

  it('keeps so many people: who was not met for longest goes, whose device was verified last (P16)', () => {
    const book = open({ devicesOfOne: 3, people: 2 })
    book.remember(faust, device(1), 'verified', 1)
    for (let n = 2; n < 6; n++) book.remember(`p${n}@goethe.example`, device(n), 'first-use', n)
    expect(book.all().map(({ peer }) => peer)).to.deep.equal([faust, 'p5@goethe.example'])
  })

  it('does not forget at once what it was told, where all the others were verified', () => {
    const book = open({ devicesOfOne: 2, people: 2 })
    for (const n of [1, 2, 3]) book.remember(faust, device(n), n < 3 ? 'verified' : 'person', n)
    expect(book.of(faust).map((each) => each.device)).to.deep.equal([2, 3].map(device))
    book.remember(wagner, device(1), 'verified', 4)
    book.remember('gretchen@goethe.example', device(1), 'person', 5)
    expect(book.all().map(({ peer }) => peer)).to.include('gretchen@goethe.example')
  })

  it('forgets a person altogether', () => {
    const book = open()
    book.remember(faust, device(1), 'revoked', 1)
    book.remember(wagner, device(1), 'first-use', 1)
    expect(book.forgetAll(faust)).to.equal(true)
    expect(book.forgetAll(faust)).to.equal(false)
    expect(book.all().map(({ peer }) => peer)).to.deep.equal([wagner])
  })

  it('remembers the paths that were chosen for people, so many of them (P16)', () => {
    const first = open({ devicesOfOne: 3, people: 2 })
    const chosen = new Chosen(first)
    chosen.choose('Faust@Goethe.example/Pult', 'relay')
    chosen.choose(wagner, 'direct')
    chosen.choose(wagner, 'any')
    expect(codeOf(() => chosen.choose('p3@goethe.example', 'any'))).to.equal('quota')
    expect(codeOf(() => chosen.choose(wagner, 'round about' as never))).to.equal('bad-option')
    expect(codeOf(() => chosen.choose('', 'any'))).to.equal('bad-peer')
    chosen.choose(wagner, undefined)
    first.close()
    expect([...new Chosen(open()).all()]).to.deep.equal([[faust, 'relay']])
  })

  it('is brought from its first version to this one whole (P24)', () => {
    const db = new Database(join(dir, 'devices.sqlite'))
    db.exec(`create table device (peer text not null, device text not null, standing text not null, first integer not null,
      used integer not null, primary key (peer, device)) strict, without rowid`)
    db.prepare('insert into device values (?, ?, ?, 1, 2)').run(faust, device(1), 'verified')
    db.pragma('user_version = 1')
    db.close()
    const book = open()
    expect(book.of(faust).map(({ standing }) => standing)).to.deep.equal(['verified'])
    expect(book.paths().size).to.equal(0)
  })

  it('is not opened where a newer version wrote it, or where it is none (P24)', () => {
    open().close()
    const db = new Database(join(dir, 'devices.sqlite'))
    db.pragma('user_version = 99')
    db.close()
    expect(codeOf(open)).to.equal('state-newer')
    writeFileSync(join(dir, 'devices.sqlite'), 'no database, '.repeat(1_000))
    expect(codeOf(open)).to.equal('state-unusable')
  })
})

function codeOf(work: () => unknown): string | undefined {
  try {
    work()
  } catch (error) {
    return error instanceof FileTransferError ? error.code : String(error)
  }
  return undefined
}
