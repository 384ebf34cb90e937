/** A shared folder on a real disk that is taken out and put back, as its owner and who gets something see it. Only root may mount. */

import { spawnSync } from 'node:child_process'
import { mkdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import type { Transfer } from '../../../client-plugin/index.js'
import { allHits, type Person, published, putRested, Stage, until } from './stage.js'

/** @returns what went wrong, if anything */
function run(program: string, ...args: string[]): string | undefined {
  const { status, error, stderr } = spawnSync(program, args, { encoding: 'utf8' })
  return status === 0 ? undefined : (error?.message ?? stderr.trim())
}

describe('a shared disk', function () {
  this.timeout(180_000)
  let stage: Stage
  let faust: Person
  let mephisto: Person
  let disk: string
  let folder: string

  before(async function () {
    stage = await new Stage().open()
    disk = join(stage.dir, 'disk')
    folder = join(stage.dir, 'mounted')
    for (const each of [disk, folder]) mkdirSync(each)
    const why =
      process.getuid?.() === 0 ? run('mount', '-t', 'tmpfs', 'jabberfs-test', disk) : 'only root may mount'
    if (why !== undefined) {
      console.error(`\n!!! LEFT OUT: a shared disk that is unplugged: ${why}\n`)
      this.skip()
    }
    faust = await stage.person('faust')
    mephisto = await stage.person('mephisto', 'mephisto', { sourceDeadlineMs: 500 })
  })
  after(async () => {
    for (const each of [folder, disk]) run('umount', '-l', each)
    await stage.close()
  })

  const plugIn = () => expect(run('mount', '--bind', disk, folder)).to.equal(undefined)
  const unplug = () => expect(run('umount', '-l', folder)).to.equal(undefined)
  const state = () => faust.files.shares.list()[0]!.state
  const isWaiting = ({ state, trouble }: Transfer) => state === 'waiting' && trouble?.code === 'no-source'

  it('that is unplugged stays published; who gets a file of it waits with a reason, and has it when it is back', async () => {
    plugIn()
    putRested(folder, 'one.txt', 'one')
    putRested(folder, 'deep/two.txt', 'two')
    const { id } = await faust.files.shares.add(folder)
    await faust.files.shares.current(id)
    const [hit] = await until(
      () => allHits(mephisto.files, 'two'),
      ({ length }) => length === 1,
    )
    unplug()
    const into = stage.folder('into')
    // From nobody else, by its path: there it is not, now.
    const one = await mephisto.files.get({ peer: faust.jid, share: id, path: 'one.txt' }, { into })
    const no = await one.finished.then(
      () => undefined,
      ({ code }) => code,
    )
    expect(no).to.equal('not-found')
    const got = await mephisto.files.get({ root: hit!.root }, { into })
    const waits = await until(
      () => isWaiting(got),
      (isSo) => isSo,
    )
    expect(waits, `${got.state} ${got.trouble?.code}`).to.equal(true)
    expect(await until(state, (now) => now === 'unreadable')).to.equal('unreadable')
    expect(faust.files.shares.list()[0]).to.include({ files: 2, publishedFiles: 2 })
    const all = ['deep/two.txt', 'one.txt']
    expect(await published(mephisto.files, faust.jid, id)).to.deep.equal(all)
    plugIn()
    expect((await got.finished).bytes).to.equal(3)
    expect((await faust.files.shares.current(id)).toHashBytes).to.equal(0)
    expect(await published(mephisto.files, faust.jid, id)).to.deep.equal(all)
    // It is watched again.
    putRested(folder, 'three.txt', 'three')
    const more = await until(
      () => published(mephisto.files, faust.jid, id),
      (paths) => paths.length === 3,
    )
    expect(more).to.include('three.txt')
  })

  it('is away while another one is in its place, of which nothing is published', async () => {
    const other = join(stage.dir, 'other')
    mkdirSync(other)
    expect(run('mount', '-t', 'tmpfs', 'jabberfs-test', other)).to.equal(undefined)
    try {
      putRested(other, 'private.txt', 'private')
      const { id } = faust.files.shares.list()[0]!
      const all = await published(mephisto.files, faust.jid, id)
      expect(all).to.include('one.txt')
      // The first folder of a disk has the same inode as that of the other.
      expect(statSync(other).ino).to.equal(statSync(disk).ino)
      unplug()
      expect(run('mount', '--bind', other, folder)).to.equal(undefined)
      const looking = new AbortController()
      const looked = faust.files.shares.current(id, looking.signal).catch(() => undefined)
      expect(await until(state, (now) => now === 'unreadable')).to.equal('unreadable')
      looking.abort()
      await looked
      expect(await published(mephisto.files, faust.jid, id)).to.deep.equal(all)
      unplug()
      plugIn()
      await faust.files.shares.current(id)
      expect(await published(mephisto.files, faust.jid, id)).to.deep.equal(all)
    } finally {
      run('umount', '-l', other)
    }
  })
})
