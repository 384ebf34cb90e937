/** A folder in a shared one becomes a link just between the look at a path and the opening of what is there: nothing from outside leaves. */

import { mkdirSync, mkdtempSync, realpathSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { hashFile, hashSmallFile } from '../../../bytes/hash-file.js'
import { openSource } from '../../../bytes/index.js'
import { type Shelf, takeFrom } from '../../../client-plugin/serving/shelf.js'
import { isOpenWithin } from '../../../client-plugin/share/keeping/look.js'

describe('a folder that somebody else writes to, too', () => {
  let dir: string
  let share: string
  let path: string
  const within = (fd: number): boolean => isOpenWithin(share, fd, join(dir, 'state'))
  beforeEach(() => {
    dir = realpathSync(mkdtempSync(join(tmpdir(), 'jabberfs-swapped-')))
    share = join(dir, 'share')
    path = join(share, 'below/key.txt')
    mkdirSync(join(share, 'below'), { recursive: true })
    mkdirSync(join(dir, 'private'))
    writeFileSync(path, 'harmless')
    writeFileSync(join(dir, 'private/key.txt'), 'private!')
  })
  afterEach(() => rmSync(dir, { recursive: true, force: true }))

  const swap = () => {
    renameSync(join(share, 'below'), join(share, '.below'))
    symlinkSync(join(dir, 'private'), join(share, 'below'))
  }

  it('has nothing hashed that is not in it (case 100)', async function () {
    if (process.platform !== 'linux') this.skip()
    expect(hashSmallFile(path, within)).to.not.equal(undefined)
    expect(await hashFile(path, { mayRead: within })).to.have.property('root')
    swap()
    expect(() => hashSmallFile(path, within))
      .to.throw()
      .with.property('code', 'not-found')
    const why = await hashFile(path, { mayRead: within }).catch((error) => error)
    expect(why).to.have.property('code', 'not-found')
  })

  it('has nothing sent that is not in it, whatever its books say (case 100)', async function () {
    if (process.platform !== 'linux') this.skip()
    const shelfOf = (
      identity: Awaited<ReturnType<typeof openSource>>['identity'],
      then = () => {},
    ): Shelf => ({
      find: () => {
        then()
        return { file: path, root: '0'.repeat(64), identity, isShared: within }
      },
      visibleTo: () => true,
      isForAll: () => true,
      lookAgain: async () => {},
    })
    const [inside, outside] = [await openSource(path), await openSource(join(dir, 'private/key.txt'))]
    const taken = await takeFrom(shelfOf(inside.identity), 'Bilder', 'below/key.txt')
    expect(taken?.file).to.equal(path)
    let isSwapped = false
    const once = () => {
      if (!isSwapped) swap()
      isSwapped = true
    }
    expect(await takeFrom(shelfOf(outside.identity, once), 'Bilder', 'below/key.txt')).to.equal(undefined)
    for (const source of [inside, outside, taken!.source]) source.close()
  })

  it('has what is in it, and nothing of the folder beside it', async () => {
    const source = await openSource(path)
    expect(isOpenWithin(share, source.fd, join(dir, 'state'))).to.equal(true)
    expect(isOpenWithin(join(dir, 'private'), source.fd, join(dir, 'state'))).to.equal(
      process.platform !== 'linux',
    )
    source.close()
  })
})
