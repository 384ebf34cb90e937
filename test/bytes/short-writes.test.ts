/** A disk, or a file system over a network, that takes a write in parts: each part at its place, and nothing told before the last. */

import fs, { closeSync, openSync, readFileSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { expect } from 'chai'
import { writeAll } from '../../bytes/ledger.js'
import { WritesAside } from '../../bytes/writes-aside.js'
import { Folder } from './folder.js'

const { write, writeSync } = fs
const most = 7

describe('a disk that takes at most a few bytes of each write', () => {
  let folder: Folder
  let fd: number

  beforeEach(() => {
    folder = new Folder()
    fd = openSync(folder.at('written'), 'w')
    const few = (length: unknown) => Math.min(Number(length), most)
    const short = {
      writeSync: (file: number, bytes: Uint8Array, at: number, length: number, position: number) =>
        writeSync(file, bytes, at, few(length), position),
      write: (
        file: number,
        bytes: Uint8Array,
        at: number,
        length: number,
        position: number,
        done: () => void,
      ) => write(file, bytes, at, few(length), position, done),
    }
    Object.assign(fs, short)
    syncBuiltinESMExports()
  })
  afterEach(() => {
    Object.assign(fs, { write, writeSync })
    syncBuiltinESMExports()
    closeSync(fd)
    folder.remove()
  })

  const bytes = Buffer.from([...Array(45).keys()])
  const whole = Buffer.concat([Buffer.alloc(10), bytes])

  it('has all of a block and of a record of the ledger, at its place (case 95, P3)', () => {
    writeAll(fd, bytes, 10)
    expect(readFileSync(folder.at('written')).equals(whole)).to.equal(true)
  })

  it('has all of what is written beside what comes in, before it is told of (case 95, P3)', async () => {
    const aside = new WritesAside(fd)
    let had: Buffer | undefined
    aside.add(bytes, 10, () => {
      had = readFileSync(folder.at('written'))
    })
    await aside.idle
    expect(had?.equals(whole)).to.equal(true)
  })
})
