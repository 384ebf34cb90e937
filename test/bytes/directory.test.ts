/** A folder that is held: its entries are its own, whatever they are called and whatever its path leads to by now. */

import { mkdirSync, readdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs'
import { expect } from 'chai'
import { Directory } from '../../bytes/directory.js'
import { openPart } from '../../bytes/index.js'
import { Folder } from './folder.js'

describe('a folder that is held', () => {
  let folder: Folder
  let held: Directory
  beforeEach(() => {
    folder = new Folder()
    held = new Directory(folder.inbox)
  })
  afterEach(() => {
    held.close()
    folder.remove()
  })

  it('has no entry that is itself, the one above, or further down (P13)', () => {
    for (const name of ['', '.', '..', '/', 'a/b', '/a', '../a', 'a/', 'a\0b'])
      expect(() => held.at(name), JSON.stringify(name)).to.throw('not a component')
    for (const name of ['a', '...', '.a', 'a..', 'a\\b']) expect(held.at(name)).to.match(/\/[^/]+$/)
  })

  it('is the one that was opened, not what its path leads to later (P13, case 89)', function () {
    if (process.platform !== 'linux') this.skip()
    expect(held.isAt(folder.inbox)).to.equal(true)
    expect(held.isAt(folder.path)).to.equal(false)
    expect(held.isAt(folder.at('nowhere'))).to.equal(false)
    const elsewhere = folder.folder('elsewhere')
    renameSync(folder.inbox, folder.at('moved'))
    symlinkSync(elsewhere, folder.inbox)
    expect(held.isAt(folder.inbox)).to.equal(false)
    expect(held.isAt(folder.at('moved'))).to.equal(true)
    writeFileSync(held.at('written'), 'here')
    mkdirSync(held.at('made'))
    expect(readdirSync(folder.at('moved')).sort()).to.deep.equal(['made', 'written'])
    expect(readdirSync(elsewhere)).to.deep.equal([])
    expect(held.look('written')?.isFile()).to.equal(true)
    expect(held.look('none')).to.equal(undefined)
  })

  it('gives nothing once it is closed: its number may be another’s by then', () => {
    held.close()
    held.close()
    expect(() => held.at('a')).to.throw('closed')
  })

  it('is let go of where no part file could be made in it (P16)', async function () {
    if (process.platform !== 'linux') this.skip()
    const open = () => readdirSync('/proc/self/fd').length
    const transfer = { sid: 's', peer: 'p', filename: 'f', filesize: 2 ** 44 }
    const fails = () =>
      openPart({ dir: folder.inbox, transfer }).then(
        () => 'opened',
        ({ code }: { code: string }) => code,
      )
    const before = open()
    for (let n = 0; n < 20; n++) expect(await fails()).to.equal('no-space')
    expect(open()).to.be.below(before + 10)
  })
})
