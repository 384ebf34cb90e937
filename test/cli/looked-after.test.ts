/** Who looks after a folder when whoever shared it does not wait until it is published. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { share } from '../../cli/holder/sharing.js'
import { willStay } from '../../cli/holder/staying.js'
import type { Remark, Report } from '../../cli/words.js'
import type { FileTransfer } from '../../client-plugin/index.js'
import { unconnected } from '../client-plugin/server-away.js'

describe('a folder that is shared, and not waited for', () => {
  let dir: string
  let files: FileTransfer
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'jabberfs-after-'))
    mkdirSync(join(dir, 'docs'))
    // Never begun, so that nothing is ever published.
    files = unconnected(dir)
  })
  afterEach(async () => {
    await files.stop()
    rmSync(dir, { recursive: true, force: true })
  })

  const leftTo = async () => {
    let leave: (remark: Remark) => void = () => {}
    const shared = new Promise<Report>((resolve) => {
      const report = (what: Report) => {
        if (what.report === 'sharing') leave({ remark: 'pause' })
        if (what.report === 'looked-after') resolve(what)
      }
      const onRemark = (listener: typeof leave) => {
        leave = listener
        return () => {}
      }
      const gone = new AbortController().signal
      const order = { order: 'share', folder: join(dir, 'docs'), once: false, verbose: false } as const
      share(files, order, { report, onRemark, gone, caughtUp: async () => {} })
    })
    return shared
  }

  it('is left to whatever stays, or else to nobody', async () => {
    expect(await leftTo()).to.include({ by: 'nobody' })
    const done = willStay(files)
    expect(await leftTo()).to.include({ by: 'other' })
    done()
  })
})
