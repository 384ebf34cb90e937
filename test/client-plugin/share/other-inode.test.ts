/** A shared folder on a disk whose files have other inodes each time it is mounted: FAT, exFAT, SFTP. */

import fs, { lstatSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { Batch } from '../../../client-plugin/share/keeping/batch.js'
import { Files } from '../../../client-plugin/share/keeping/files.js'
import { openToKeep } from '../../../client-plugin/share/keeping/schema.js'
import { ShareRows } from '../../../client-plugin/share/keeping/share-rows.js'
import { putRested } from './stage.js'

const settings = { name: 'Bilder', tags: [], visibleTo: { kind: 'everybody' as const } }
const fat = 0x4d44
const ext4 = 0xef53

describe('a file that has now the inode that another one had', () => {
  const { statfsSync } = fs
  let dir: string
  beforeEach(() => {
    dir = realpathSync(mkdtempSync(join(tmpdir(), 'jabberfs-inode-')))
    mkdirSync(join(dir, 'shared'))
  })
  afterEach(() => {
    Object.assign(fs, { statfsSync })
    syncBuiltinESMExports()
    rmSync(dir, { recursive: true, force: true })
  })

  for (const [type, what, isKnown] of [
    [fat, 'is hashed where that says nothing: both are as long, of the same second', false],
    [ext4, 'is that file, renamed, where inodes keep their numbers', true],
  ] as const) {
    it(what, () => {
      Object.assign(fs, { statfsSync: (path: string) => ({ ...statfsSync(path), type }) })
      syncBuiltinESMExports()
      const folder = join(dir, 'shared')
      putRested(folder, 'b', 'bytes of b')
      const db = openToKeep(join(dir, 'shares.sqlite'))
      const batch = new Batch(db, () => undefined)
      const shares = new ShareRows(db)
      const files = new Files(db, batch, (n) => shares.byNumber(n)?.path)
      const share = shares.add('Bilder-2002', folder, settings)
      const top = files.folder(share.n, '', null)
      const stats = lstatSync(join(folder, 'b'), { bigint: true })
      files.hashed(files.see(share.n, top, 'b', stats), Buffer.alloc(32, 1), stats)
      files.see(share.n, top, 'a', stats)
      expect(files.isUnhashed(share.n, '', 'a')).to.equal(!isKnown)
      batch.commit()
      db.close()
    })
  }
})
