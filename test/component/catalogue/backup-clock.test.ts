/** Backups on a machine whose clock was wrong for a while (cases 63 and 105). */

import { statSync, utimesSync } from 'node:fs'
import { expect } from 'chai'
import { Stage } from './stage.js'

const dayMs = 24 * 3_600_000

describe('catalogue: backups', () => {
  const stage = new Stage()
  after(() => stage.end())

  it('that were made in a year to come are not kept for it: the older one is replaced like one that is a day old (case 105)', async () => {
    await stage.open()
    const older = `${stage.path}.backup-2`
    const isOf = (ms: number) => Math.abs(statSync(older).mtimeMs - ms) < 60_000
    for (let n = 0; n < 2; n++) await stage.catalogue.backUp()
    const later = new Date(Date.now() + 365 * dayMs)
    utimesSync(older, later, later)
    await stage.catalogue.backUp()
    expect(isOf(Date.now())).to.equal(true)
    const anHourAgo = new Date(Date.now() - 3_600_000)
    utimesSync(older, anHourAgo, anHourAgo)
    await stage.catalogue.backUp()
    expect(isOf(anHourAgo.getTime())).to.equal(true)
  })
})
