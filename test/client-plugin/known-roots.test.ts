/** What was hashed for one question is not hashed for the next, as long as the file is the same. */

import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { hashSource, openSource, type Source } from '../../bytes/index.js'
import { KnownRoots } from '../../client-plugin/serving/known-roots.js'

describe('roots that are known', () => {
  const dir = mkdtempSync(join(tmpdir(), 'jabberfs-roots-'))
  after(() => rmSync(dir, { recursive: true, force: true }))
  const path = join(dir, 'pact.txt')
  let hashed = 0
  const hash = (source: Source) => {
    hashed++
    return hashSource(source)
  }
  const rootOf = async (roots: KnownRoots, of = hash) => {
    const source = await openSource(path)
    try {
      return await roots.rootOf(source, of)
    } finally {
      source.close()
    }
  }

  it('are made once for a file that stays, and again for one that was changed', async () => {
    const roots = new KnownRoots()
    writeFileSync(path, 'signed in blood')
    const first = await rootOf(roots)
    expect([await rootOf(roots), await rootOf(roots), hashed]).to.deep.equal([first, first, 1])
    appendFileSync(path, 'twice')
    expect(await rootOf(roots)).not.to.equal(first)
    expect(hashed).to.equal(2)
  })

  it('are not kept of a file that was written to meanwhile', async () => {
    const roots = new KnownRoots()
    hashed = 0
    await rootOf(roots, async (source) => {
      const root = await hash(source)
      appendFileSync(path, 'and again')
      return root
    })
    await rootOf(roots)
    expect(hashed).to.equal(2)
  })
})
