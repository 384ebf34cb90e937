/** A part file that no journal knows of would be found by nobody. */

import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import type { PartMark, TransferRecord } from '../../client-plugin/journal/record.js'
import { PartKeeper } from '../../client-plugin/transfer/part-keeper.js'

describe('the part file of a transfer', () => {
  let dir: string
  let record: TransferRecord
  let keeper: PartKeeper
  const opening = (signal: AbortSignal): Promise<unknown> => keeper.open(signal).catch(({ code }) => code)

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'jabberfs-part-'))
    const destination = { dir, filename: 'f', onConflict: 'rename' }
    record = { id: 'i', peer: 'p', filename: 'f', filesize: 1_000, destination } as TransferRecord
    const noted = (part: PartMark) => {
      record = { ...record, part }
    }
    keeper = new PartKeeper(() => record, noted)
  })
  afterEach(async () => {
    await keeper.close()
    rmSync(dir, { recursive: true, force: true })
  })

  it('is not left where its attempt ended before it was noted', async () => {
    expect(await opening(AbortSignal.abort())).to.equal('stopped')
    expect(record.part).to.equal(undefined)
    expect(readdirSync(dir)).to.deep.equal([])
  })

  it('stays where it was noted before, whenever an attempt ends (P3)', async () => {
    await keeper.open(new AbortController().signal)
    await keeper.close()
    const there = readdirSync(dir)
    expect(there).to.have.length(2)
    expect(await opening(AbortSignal.abort())).to.equal('stopped')
    expect(readdirSync(dir)).to.deep.equal(there)
  })
})
