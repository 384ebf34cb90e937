/** Watches on folders: on which one, when another is at its path than before. */

import { lstatSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { Watches } from '../../../client-plugin/share/keeping/watches.js'
import { until } from './stage.js'

describe('a watched folder', () => {
  let dir: string
  const watches = new Watches(10)
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'jabberfs-watches-'))
  })
  afterEach(() => {
    watches.removeAll('')
    rmSync(dir, { recursive: true, force: true })
  })

  it('in whose place another one is, is watched no more, and that one is', async () => {
    const folder = join(dir, 'here')
    const seen = new Set<string | undefined>()
    const add = () => {
      watches.add('1/here', folder, lstatSync(folder, { bigint: true }), (name) => seen.add(name))
    }
    mkdirSync(folder)
    add()
    // As where a disk is mounted on it: what is above hears nothing.
    renameSync(folder, join(dir, 'before'))
    mkdirSync(folder)
    add()
    writeFileSync(join(dir, 'before', 'old'), '')
    writeFileSync(join(folder, 'new'), '')
    const isSeen = () => seen.has('new')
    expect(await until(isSeen, (is) => is, 2_000)).to.equal(true)
    expect(seen.has('old')).to.equal(false)
  })
})
