/** The folder of `receive --serve`: names and nothing else, and one look at a time, outside of the main thread. */

import { execFileSync } from 'node:child_process'
import fs, { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { ServedFolder } from '../../cli/holder/shared-folder.js'

describe('the folder whose files may be asked for by name', () => {
  let dir: string
  let folder: ServedFolder
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'jabberfs-served-'))
    folder = new ServedFolder(dir)
    writeFileSync(join(dir, 'song.mp3'), 'la')
    writeFileSync(join(dir, 'cafe\u0301.txt'), 'decomposed')
    writeFileSync(join(dir, '.jabberfs-0123456789abcdef.part'), 'half')
    mkdirSync(join(dir, 'folder'))
    symlinkSync('/etc/passwd', join(dir, 'link'))
    execFileSync('mkfifo', [join(dir, 'pipe')])
  })
  afterEach(() => rmSync(dir, { recursive: true }))

  it('has its plain files, however their names are spelt, the exact one first', async () => {
    expect(await folder.find('song.mp3')).to.equal(join(dir, 'song.mp3'))
    expect(await folder.find('caf\u00e9.txt')).to.equal(join(dir, 'cafe\u0301.txt'))
    writeFileSync(join(dir, 'caf\u00e9.txt'), 'composed')
    expect(await folder.find('caf\u00e9.txt')).to.equal(join(dir, 'caf\u00e9.txt'))
    expect(await folder.find('cafe\u0301.txt')).to.equal(join(dir, 'cafe\u0301.txt'))
  })

  it('has nothing hidden, no folder, link or pipe, and no path (case 100, P11)', async () => {
    const names = ['.jabberfs-0123456789abcdef.part', 'folder', 'link', 'pipe', '..', '.', '', '../passwd']
    for (const name of [...names, `${dir}/song.mp3`, 'none'])
      expect(await folder.find(name)).to.equal(undefined)
  })

  it('is looked at by one at a time, where it does not answer; where it fails, the next looks again', async () => {
    const { readdir } = fs.promises
    const looks: { fail(why: Error): void }[] = []
    let begun: () => void = () => {}
    const next = () =>
      new Promise<void>((resolve) => {
        begun = resolve
      })
    fs.promises.readdir = (() =>
      new Promise((_, fail) => {
        looks.push({ fail })
        begun()
      })) as unknown as typeof readdir
    syncBuiltinESMExports()
    try {
      const first = next()
      const asked = ['song.mp3', 'none'].map((name) => folder.find(name).catch(({ message }) => message))
      await first
      // Neither is answered, and nothing else waits for it.
      expect(looks).to.have.length(1)
      const second = next()
      looks[0]!.fail(new Error('stale'))
      expect(await asked[0]).to.equal('stale')
      await second
      looks[1]!.fail(new Error('stale again'))
      expect(await asked[1]).to.equal('stale again')
    } finally {
      fs.promises.readdir = readdir
      syncBuiltinESMExports()
    }
    expect(await folder.find('song.mp3')).to.equal(join(dir, 'song.mp3'))
  })
})
