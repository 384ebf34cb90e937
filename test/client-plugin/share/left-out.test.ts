/** What is in a shared folder and not published, and what is never handed out whatever becomes of the folder. */

import { execFileSync } from 'node:child_process'
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { ShareIndex } from '../../../client-plugin/share/share-index.js'
import { type Person, published, Stage } from './stage.js'

describe('what is not published of a shared folder', function () {
  this.timeout(180_000)
  let stage: Stage
  let faust: Person
  let index: ShareIndex
  let folder: string
  let id: string

  before(async () => {
    stage = await new Stage().open()
    faust = await stage.person('faust')
    folder = stage.folder('mixed', { 'plain.txt': 'plain', 'below/deep.txt': 'deep', '.secret': 'secret' })
    stage.folder('elsewhere', { 'private.txt': 'private' })
  })
  after(async () => {
    index?.close()
    await stage.close()
  })

  it('links that leave it, special files, hidden files and names that nobody can read are left out (case 100)', async () => {
    symlinkSync(join(stage.dir, 'elsewhere/private.txt'), join(folder, 'away.txt'))
    symlinkSync(join(stage.dir, 'elsewhere'), join(folder, 'away'))
    symlinkSync('../elsewhere/private.txt', join(folder, 'relative.txt'))
    symlinkSync('nowhere', join(folder, 'dangling.txt'))
    symlinkSync('.', join(folder, 'loop'))
    symlinkSync('..', join(folder, 'below/loop'))
    symlinkSync('below/deep.txt', join(folder, 'inside.txt'))
    symlinkSync('.secret', join(folder, 'not so secret.txt'))
    execFileSync('mkfifo', [join(folder, 'pipe')])
    writeFileSync(join(folder, 'new\nline.txt'), 'x')
    writeFileSync(Buffer.concat([Buffer.from(`${folder}/`), Buffer.from([0x61, 0xff, 0x62])]), 'x')
    mkdirSync(join(folder, 'bell\u0007'))
    writeFileSync(join(folder, 'bell\u0007', 'inside.txt'), 'x')
    id = (await faust.files.shares.add(folder)).id
    const info = await faust.files.shares.current(id)
    expect(await published(faust.files, faust.jid, id)).to.deep.equal([
      'below/deep.txt',
      'inside.txt',
      'plain.txt',
    ])
    const leftOut = faust.files.shares.leftOut(id)
    expect(info.leftOutFiles).to.equal(leftOut.length)
    expect(Object.fromEntries(leftOut.map(({ path, why }) => [path, why]))).to.deep.equal({
      'away.txt': 'link-leaves-folder',
      away: 'link-leaves-folder',
      'relative.txt': 'link-leaves-folder',
      'not so secret.txt': 'link-leaves-folder',
      'dangling.txt': 'unreadable',
      pipe: 'not-a-file',
      'new\nline.txt': 'name',
      'a\ufffdb': 'name',
      'bell\u0007': 'name',
    })
  })

  it('only what is published is found to be handed out, and what became a link to elsewhere is not (case 100)', async () => {
    index = new ShareIndex(join(stage.dir, 'state-faust'), () => faust.jid)
    expect(index.find(id, 'below/deep.txt')).to.include({ file: join(folder, 'below/deep.txt'), size: 4 })
    for (const path of [
      '../elsewhere/private.txt',
      '/etc/passwd',
      '.secret',
      'away.txt',
      'away/private.txt',
      '',
      '.',
    ]) {
      expect(index.find(id, path), path).to.equal(undefined)
    }
    expect(index.find('another-share', 'plain.txt')).to.equal(undefined)
    renameSync(join(folder, 'below'), join(folder, '.below'))
    symlinkSync(join(stage.dir, 'elsewhere'), join(folder, 'below'))
    writeFileSync(join(stage.dir, 'elsewhere/deep.txt'), 'theirs')
    expect(index.find(id, 'below/deep.txt')).to.equal(undefined)
    rmSync(join(folder, 'below'))
    renameSync(join(folder, '.below'), join(folder, 'below'))
  })

  it('a share is for those it is for', async () => {
    await faust.files.shares.add(folder, {
      visibleTo: { kind: 'only', domains: ['markt.example'], peers: ['gretchen@localhost'] },
    })
    await faust.files.shares.current(id)
    const sees = (peer: string) => index.visibleTo(id, peer)
    expect([sees(faust.jid), sees('gretchen@localhost'), sees('marthe@markt.example')]).to.not.include(false)
    expect([sees('mephisto@localhost'), sees('gretchen@sub.markt.example')]).to.not.include(true)
    const mephisto = await stage.person('mephisto')
    expect((await mephisto.files.catalogue.search({ words: 'deep' })).items).to.deep.equal([])
    await faust.files.shares.add(folder, { visibleTo: { kind: 'everybody' } })
    await faust.files.shares.current(id)
    expect((await mephisto.files.catalogue.search({ words: 'deep' })).items).to.have.length(1)
  })

  it('a folder that is not there, and a name that cannot be said, are refused at once', async () => {
    const { shares } = faust.files
    const codeOf = (trial: Promise<unknown>) =>
      trial.then(
        () => 'none',
        (error: { code: string }) => error.code,
      )
    expect(await codeOf(shares.add(join(stage.dir, 'nowhere')))).to.equal('no-such-folder')
    expect(await codeOf(shares.add(join(folder, 'plain.txt')))).to.equal('no-such-folder')
    expect(await codeOf(shares.add(folder, { name: 'a\u0000b' }))).to.equal('bad-option')
    expect(await codeOf(shares.add(folder, { tags: ['two words'] }))).to.equal('bad-option')
    expect(
      await codeOf(shares.add(folder, { visibleTo: { kind: 'only', domains: [], peers: [] } })),
    ).to.equal('bad-option')
    expect(await codeOf(shares.remove('unheard of'))).to.equal('unknown-share')
  })
})
