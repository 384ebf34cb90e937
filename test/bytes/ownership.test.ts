/** Whose a part file is: where all files belong to one owner (NFS with `all_squash`) it is ours for all that. */

import fs, { type BigIntStats } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { expect } from 'chai'
import { dropPart, openPart, openSource, place } from '../../bytes/index.js'
import { attempt } from './attempt.js'
import { Folder } from './folder.js'

const filesize = 10_000
const transfer = { sid: 's', peer: 'p', filename: 'f', filesize }
const nobody = 65_534n

describe('a part file', () => {
  const { fstatSync, lstatSync } = fs
  let folder: Folder

  /** From now on these files seem to be nobody's. */
  const belongToNobody = (which: (stats: BigIntStats) => boolean) => {
    const seen = (stats: unknown) => {
      const found = stats as BigIntStats | undefined
      if (typeof found?.uid === 'bigint' && which(found)) found.uid = nobody
      return stats
    }
    Object.assign(fs, {
      fstatSync: (...given: Parameters<typeof fstatSync>) => seen(fstatSync(...given)),
      lstatSync: (...given: Parameters<typeof lstatSync>) => seen(lstatSync(...given)),
    })
    syncBuiltinESMExports()
  }
  beforeEach(() => {
    folder = new Folder()
    folder.file('source', filesize)
  })
  afterEach(() => {
    Object.assign(fs, { fstatSync, lstatSync })
    syncBuiltinESMExports()
    folder.remove()
  })

  it('is made, opened again, placed and removed where every file belongs to somebody else', async () => {
    belongToNobody(() => true)
    const dir = folder.inbox
    const part = await openPart({ dir, transfer })
    await part.close()
    const source = await openSource(folder.at('source'))
    const again = await openPart({ dir, transfer, existing: part.path })
    const { root } = await attempt(source, again)
    const { path } = await place(again, { dir, filename: 'f', root: root! })
    source.close()
    expect(folder.received).to.deep.equal(['f'])
    expect(fs.readFileSync(path).equals(folder.read('source'))).to.equal(true)
    const other = await openPart({ dir, transfer })
    await other.close()
    expect(dropPart({ path: other.path, ino: String(other.stats.ino) })).to.equal('dropped')
    expect(folder.received).to.deep.equal(['f'])
  })

  it('that alone belongs to somebody else is not ours (case 89, P13)', async () => {
    const part = await openPart({ dir: folder.inbox, transfer })
    await part.close()
    const { ino } = part.stats
    belongToNobody((stats) => stats.ino === ino)
    const again = openPart({ dir: folder.inbox, transfer, existing: part.path })
    expect(await again.catch(({ code }) => code)).to.equal('part-lost')
    expect(dropPart({ path: part.path, ino: String(ino) })).to.equal('alien')
    expect(folder.received).to.have.length(2)
  })
})
